/** What came in of one vantage since the last look, of addresses of which something had answered. */
export interface Seen {
  /** Answered, whatever the answer. */
  readonly answered: number;
  readonly silent: number;
  /** Not tried, because the node had no socket left. */
  readonly starved: number;
}

// Fewer silent ports say nothing of the rate; more are as often a firewall's rule.
const leastSilent = 10;
/** So much more of the probes silent than is usual here. */
const noticeable = 0.1;
const lowest = 1 / 16;
/** Steps of the way back. */
const recovery = 1 / 8;
/** The node says how far it is once a second. */
const reportMs = 1500;
/** Re-probes that answer do so at once. */
const reviveMs = 2000;

type Phase =
  | { readonly kind: 'steady' }
  /** Half the rate is being tried: does it help? */
  | { readonly kind: 'trying'; readonly silentBefore: number; readonly since: number }
  /** It did: the rate was too high for something on the way. */
  | { readonly kind: 'held'; readonly since: number }
  /** The first pass is over, and what was silent is tried again. `before`: the most answers that one look has seen. */
  | { readonly kind: 'again'; readonly since: number; readonly before: number };

/**
 * Finds out whether silence comes from the rate. A firewall's rule drops the same part of the probes at any rate; a full
 * connection table or a limited rate drops less when fewer come. So the rate is halved and the silence measured again: if
 * it did not help, the rate is restored and so much silence is taken to be usual here. Pure: told what came in, and when.
 */
export class BackOff {
  /** What part of its rate the vantage may send, 1/16 to 1. */
  factor = 1;
  /** The lowest that was needed; 1 where the rate was never to blame. */
  worst = 1;
  readonly #timeoutMs: number;
  readonly #answered: { readonly at: number; readonly count: number }[] = [];
  #phase: Phase = { kind: 'steady' };
  #usual = 0;
  #silent = 0;
  #heard = 0;
  #starved = false;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Why the rate was reduced, as a clause; undefined where it was not. */
  get reason(): string | undefined {
    if (this.worst === 1) return undefined;
    return this.#starved
      ? 'the node ran out of sockets'
      : 'at the full rate addresses that had answered fell silent, and answered when there were fewer connects';
  }

  /** A sweep begins. */
  beginSweep(now: number): void {
    this.#answered.length = 0;
    this.#silent = 0;
    this.#heard = 0;
    this.factor = Math.min(this.factor, this.worst);
    this.#phase = this.factor === 1 ? { kind: 'steady' } : { kind: 'held', since: now };
  }

  /** One look during the first pass, at `now` in milliseconds. */
  look(seen: Seen, now: number): void {
    this.#answered.push({ at: now, count: seen.answered });
    if (seen.starved > 0) {
      this.#starved = true;
      this.#blame(now);
      return;
    }
    const phase = this.#phase;
    // What is silent now was sent before the rate changed.
    if (phase.kind !== 'steady' && now < phase.since + this.#timeoutMs + reportMs) {
      this.#sentTogether(now);
      return;
    }
    this.#silent += seen.silent;
    this.#heard += this.#sentTogether(now);
    const total = this.#silent + this.#heard;
    if (total < 2 * leastSilent && this.#silent < leastSilent) return;
    const part = this.#silent / total;
    const enough = this.#silent >= leastSilent && part >= this.#usual + noticeable;
    this.#silent = 0;
    this.#heard = 0;
    if (phase.kind === 'trying') {
      const before = phase.silentBefore;
      if (part <= 0.75 * before || 1 - part >= 1.5 * (1 - before)) {
        this.worst = Math.min(this.worst, this.factor);
        if (enough) this.#try(part, now);
        else this.#phase = { kind: 'held', since: now };
      } else {
        this.factor = Math.min(1, this.factor * 2);
        this.#usual = Math.max(this.#usual, part);
        this.#phase = { kind: 'steady' };
      }
    } else if (enough) this.#try(part, now);
    else if (phase.kind === 'held') this.#recover(now);
  }

  /** The first pass is over. */
  beginAgain(now: number): void {
    if (this.#phase.kind === 'again') return;
    // What helped before will do; where half the rate is still on trial, the re-probes at half of that will tell.
    if (this.#phase.kind === 'held') this.factor = Math.min(this.factor, this.worst);
    if (this.#phase.kind === 'trying') this.factor = Math.max(lowest, this.factor / 2);
    this.#phase = { kind: 'again', since: now, before: 0 };
  }

  /** One look while silence is tried again: of `sent` re-probes since the last one, `revived` were answered after all. */
  lookAgain(revived: number, sent: number, now: number): void {
    const phase = this.#phase;
    if (phase.kind !== 'again') return;
    if (revived < leastSilent) {
      // What stays silent at a crawl is silent for a reason of its own. Between two passes nothing is sent.
      if (phase.before > 0 || now < phase.since + reviveMs) return;
      this.factor = Math.min(1, this.factor * 2);
      this.#phase = { ...phase, since: now };
      return;
    }
    const before = Math.max(phase.before, revived);
    if (revived >= 0.7 * sent || revived < 0.7 * phase.before) {
      // All that was asked answered; or half the rate brought half the answers, and is no help.
      this.#phase = { kind: 'again', since: now, before };
    } else {
      this.factor = Math.max(lowest, this.factor / 2);
      this.#phase = { kind: 'again', since: now, before };
    }
    if (this.factor < 1) this.worst = Math.min(this.worst, this.factor);
  }

  #try(part: number, now: number): void {
    this.factor = Math.max(lowest, this.factor / 2);
    this.#phase = { kind: 'trying', silentBefore: part, since: now };
  }

  #blame(now: number): void {
    this.factor = Math.max(lowest, this.factor / 2);
    this.worst = Math.min(this.worst, this.factor);
    this.#phase = { kind: 'held', since: now };
  }

  #recover(now: number): void {
    this.factor = Math.min(1, this.factor + recovery);
    this.#phase = this.factor === 1 ? { kind: 'steady' } : { kind: 'held', since: now };
  }

  /** Answers come at once, silence after the timeout: those of probes that were sent when what is silent now was. */
  #sentTogether(now: number): number {
    let count = 0;
    while (this.#answered.length > 0 && this.#answered[0]!.at <= now - this.#timeoutMs)
      count += this.#answered.shift()!.count;
    return count;
  }
}
