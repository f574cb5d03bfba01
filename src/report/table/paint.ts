export type Tone = 'fail' | 'unknown' | 'warn' | 'pass' | 'dim' | 'strong' | 'plain';

const codes: Readonly<Record<Tone, string>> = {
  fail: '31',
  unknown: '35',
  warn: '33',
  pass: '32',
  dim: '2',
  strong: '1',
  plain: '',
};

export type Paint = (text: string, tone: Tone) => string;

/** Colour is an ornament: whatever it says, the words say too. */
export function painter(color: boolean): Paint {
  return (text, tone) => {
    if (!color || tone === 'plain' || text.trim() === '') return text;
    return `\u001b[${codes[tone]}m${text}\u001b[0m`;
  };
}
