import { type Canvas, paragraph } from '../report/table/layout.js';
import { hexDump } from './hex-dump.js';
import { maskSecrets, maskText, type Shown } from './mask.js';
import type { Recording, Step } from './recorder.js';

const arrows = { note: ' ', sent: '→', received: '←' } as const;
const timeWidth = 10;
const dumpIndent = 4;

/** A dialogue step by step: when, who to whom, and what, in hex and text. */
export function dialogueLines(recording: Recording, canvas: Canvas): string[] {
  const { secrets, steps, stepsLeftOut } = recording;
  const shown = new Map([...shownOf('sent', recording), ...shownOf('received', recording)]);
  const lines = steps.flatMap((step) => {
    const bytes = shown.get(step);
    const what = step.kind === 'note' ? maskText(step.text, secrets) : sizeOf(step, bytes ?? []);
    const time = `${step.atMs.toFixed(1)} ms`;
    const indent = Math.max(0, timeWidth - time.length);
    return [
      ...paragraph(`${time} ${arrows[step.kind]} ${what}`, indent, timeWidth + 3 - indent, 'plain', canvas),
      ...hexDump(bytes ?? [], canvas.width - dumpIndent).map(
        (line) => ' '.repeat(dumpIndent) + canvas.paint(line.trimEnd(), 'dim'),
      ),
    ];
  });
  if (stepsLeftOut > 0) lines.push(`${' '.repeat(timeWidth)}   and ${stepsLeftOut} more, which were not kept`);
  return lines;
}

type Exchange = Exclude<Step, { readonly kind: 'note' }>;

function shownOf(kind: Exchange['kind'], { secrets, steps, stepsLeftOut }: Recording) {
  const exchanges = steps.filter((step): step is Exchange => step.kind === kind);
  const cut = stepsLeftOut > 0 || exchanges.some(({ bytes, length }) => bytes.length < length);
  const chunks = maskSecrets(
    exchanges.map(({ bytes }) => bytes),
    secrets,
    cut,
  );
  return exchanges.map((step, index) => [step as Step, chunks[index]!] as const);
}

/** The length of a secret is nobody's business either. */
function sizeOf({ bytes, length }: Exchange, shown: readonly Shown[]): string {
  if (shown.includes('masked')) return 'with a secret, masked';
  const size = `${length.toLocaleString('en-US')} ${length === 1 ? 'byte' : 'bytes'}`;
  return bytes.length < length ? `${size}, of which the first ${bytes.length.toLocaleString('en-US')} were kept` : size;
}
