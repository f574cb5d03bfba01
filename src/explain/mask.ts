/** A byte, or a part of the three asterisks that stand for a secret, whatever its length. */
export type Shown = number | 'masked';

const asterisks: readonly Shown[] = ['masked', 'masked', 'masked'];

/**
 * What may be shown of the chunks of one direction. A secret is masked wherever it occurs, across chunks too; where
 * the last chunk was `cut`, also the beginning of one that the cut goes through.
 */
export function maskSecrets(
  chunks: readonly Buffer[],
  secrets: readonly Buffer[],
  cut: boolean,
): readonly (readonly Shown[])[] {
  const stream = Buffer.concat(chunks);
  const hidden = new Uint8Array(stream.length);
  for (const secret of secrets) {
    if (secret.length === 0) continue;
    for (let at = stream.indexOf(secret); at !== -1; at = stream.indexOf(secret, at + 1))
      hidden.fill(1, at, at + secret.length);
    if (cut) hidden.fill(1, stream.length - beginningAtTheEnd(stream, secret));
  }
  let start = 0;
  return chunks.map((chunk) => {
    const shown = showChunk(chunk, hidden.subarray(start, start + chunk.length));
    start += chunk.length;
    return shown;
  });
}

/** How many bytes at the end of a stream are the beginning of a secret. */
function beginningAtTheEnd(stream: Buffer, secret: Buffer): number {
  for (let length = Math.min(secret.length - 1, stream.length); length > 0; length--)
    if (stream.subarray(stream.length - length).equals(secret.subarray(0, length))) return length;
  return 0;
}

function showChunk(chunk: Buffer, hidden: Uint8Array): readonly Shown[] {
  const shown: Shown[] = [];
  for (const [index, byte] of chunk.entries()) {
    if (hidden[index] === 0) shown.push(byte);
    else if (index === 0 || hidden[index - 1] === 0) shown.push(...asterisks);
  }
  return shown;
}

/** The same for text. */
export function maskText(text: string, secrets: readonly Buffer[]): string {
  // The longest first: one may be part of another.
  const texts = secrets.map(String).filter((secret) => secret !== '');
  return texts.sort((a, b) => b.length - a.length).reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
