/** Numbers things by a key, from 0 on, so that what refers to them a million times takes four bytes. */
export class Numbering<T> {
  readonly #numbers = new Map<string, number>();
  readonly #things: T[] = [];

  get size(): number {
    return this.#things.length;
  }

  /** The number of the thing with this key, which is made if it is new. */
  numberOf(key: string, make: () => T): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#things.length;
      this.#things.push(make());
      this.#numbers.set(key, number);
    }
    return number;
  }

  at(number: number): T {
    return this.#things[number]!;
  }
}
