import { readFileSync } from 'node:fs';

const intervalMs = 20;

/** What a process took in all, as far as it was seen. */
export interface Taken {
  /** The most memory it held at once, in bytes (VmHWM, proc(5)). */
  readonly peakBytes: number;
  /** User and system time of all its threads, in milliseconds, in steps of 10. */
  readonly cpuMs: number;
}

/** Looks at a process every 20 ms until it ends: the kernel keeps the peak itself, so that none falls between two looks. */
export class Watched {
  #peakBytes = 0;
  #cpuMs = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(readonly pid: number) {
    this.#look();
    this.#timer = setInterval(() => this.#look(), intervalMs);
  }

  taken(): Taken {
    clearInterval(this.#timer);
    return { peakBytes: this.#peakBytes, cpuMs: this.#cpuMs };
  }

  #look(): void {
    try {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
      const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
      // Behind the command in brackets, utime and stime are the 12th and 13th, in ticks of 10 ms.
      const [utime, stime] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number);
      if (peak?.[1] === undefined) return;
      this.#peakBytes = Number(peak[1]) * 1024;
      this.#cpuMs = (utime! + stime!) * 10;
    } catch {
      // It has ended.
    }
  }
}
