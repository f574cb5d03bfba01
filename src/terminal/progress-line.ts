/** One line at the bottom of a terminal that is drawn over; nothing at all where the stream is not a terminal. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #wanted: boolean;
  #shown = '';

  constructor(stream: NodeJS.WriteStream, wanted: boolean) {
    this.#stream = stream;
    this.#wanted = wanted && stream.isTTY;
  }

  /** Draws the line, cut to the width; undefined clears it. */
  draw(line: string | undefined): void {
    if (!this.#wanted || line === this.#shown) return;
    const text = line?.slice(0, Math.max(0, this.#stream.columns - 1)) ?? '';
    if (this.#shown === '' && text === '') return;
    this.#stream.write(`\r\u001b[2K${text}`);
    this.#shown = text;
  }

  /** Writes a line of its own above the progress. */
  write(line: string): void {
    const shown = this.#shown;
    this.draw(undefined);
    this.#stream.write(`${line}\n`);
    this.draw(shown);
  }
}
