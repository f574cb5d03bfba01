import type { ReportCheck } from '#src/model/report.js';
import type { LabHost } from '../lab/host.js';
import type { Lab } from '../lab/lab.js';
import type { Checked } from './check.js';

/** How a run comes to its end, and what its report is to be then. */
export interface Ending {
  readonly title: string;
  /** Brings it about in the middle of a run; the nodes on which nothing of ours may be left ten seconds later. */
  readonly end: (lab: Lab, signal: (name: NodeJS.Signals) => void) => readonly LabHost[] | Promise<readonly LabHost[]>;
  readonly mend?: (lab: Lab) => Promise<void>;
  /** Whether sshd may go on serving a peer that has vanished without a word: in the middle of a login for two minutes. */
  readonly sessionsStay?: boolean;
  /** How long after its ending a run may go on, in milliseconds. */
  readonly lastsMs: number;
  /** What is wrong with how it ended, in words. It may have been over before the ending came. */
  readonly wrongs: (finished: Checked) => readonly string[];
}

/** Longer than a run has to itself on a busy machine. */
const wholeRunMs = 30_000;

/** A login that is cut in its middle is given up after its own patience, and tried once more. */
const silentLoginMs = 55_000;

/** It takes half a second on an idle machine; with five labs at once, several times that. */
const atOnceMs = 5000;

export const endings: readonly Ending[] = [
  { title: 'a normal end', end: () => [], lastsMs: wholeRunMs, wrongs: wholeWrongs },
  {
    title: 'Ctrl-C',
    end: (lab, signal) => {
      signal('SIGINT');
      return lab.hosts;
    },
    lastsMs: atOnceMs,
    wrongs: (finished) => {
      const { code, report } = finished;
      if (code === 0) return wholeWrongs(finished);
      // Node itself, which has yet to read the program or is done with it.
      if (code === null) return report === undefined ? [] : wholeWrongs({ ...finished, code: 0 });
      return [...(code === 130 ? [] : [`exit code ${code}`]), ...partialWrongs(finished, true)];
    },
  },
  {
    title: 'SIGKILL of the controller',
    end: (lab, signal) => {
      signal('SIGKILL');
      return lab.hosts;
    },
    lastsMs: atOnceMs,
    wrongs: (finished) => (finished.code === null ? [] : wholeWrongs(finished)),
  },
  {
    title: 'the loss of the controller’s own link',
    end: async (lab) => {
      await lab.unplugController();
      return lab.hosts;
    },
    mend: (lab) => lab.plugController(),
    sessionsStay: true,
    lastsMs: silentLoginMs,
    wrongs: unknownWrongs,
  },
  {
    title: 'SIGKILL of the sshd sessions of one node',
    end: ({ hosts }) => {
      const host = hosts[Math.floor(Math.random() * hosts.length)]!;
      host.killSessions();
      return [host];
    },
    lastsMs: wholeRunMs,
    wrongs: unknownWrongs,
  },
];

function wholeWrongs({ code, report, stderr }: Checked): readonly string[] {
  if (report === undefined) return [`no report: ${stderr}`];
  const odd = report.checks.filter(({ status }) => status !== 'pass').map(checkText);
  return [
    ...(code === 0 ? [] : [`exit code ${code}: ${stderr}`]),
    ...(report.run.interrupted || !report.run.complete ? ['a whole run is called partial'] : []),
    ...odd,
  ];
}

function unknownWrongs(finished: Checked): readonly string[] {
  if (finished.code === 0) return wholeWrongs(finished);
  return [...(finished.code === 3 ? [] : [`exit code ${finished.code}`]), ...partialWrongs(finished, false)];
}

/** Every path is open: of one that could not be tried to the end nothing is known, least of all that it is closed. */
function partialWrongs({ report, stderr, stdout }: Checked, interrupted: boolean): readonly string[] {
  if (report === undefined) return [`no report: ${stderr}`];
  const invented = report.checks.filter(({ status }) => status !== 'pass' && status !== 'unknown');
  return [
    ...(report.run.interrupted === interrupted ? [] : [`interrupted: ${report.run.interrupted}`]),
    ...(interrupted && report.run.complete ? ['a partial run is called complete'] : []),
    ...(stdout.includes('mesh') ? [] : [`no table: ${stdout}`]),
    ...invented.map(checkText),
  ];
}

function checkText({ id, outcomes, status }: ReportCheck): string {
  const bad = outcomes.map(({ count, outcome, reason, status: own }) => `${own}: ${count} × ${outcome} (${reason})`);
  return `${id} ${status}: ${bad.join('; ')}`;
}
