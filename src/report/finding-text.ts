import type { StreamedFinding } from '../model/report.js';

const idsAtOnce = 1000;

/** A finding as JSON, in chunks: one that explains a whole mesh names a million checks. */
export function* findingText({ checks, ...finding }: StreamedFinding): Iterable<string> {
  yield `${JSON.stringify(finding).slice(0, -1)},"checks":[`;
  let ids: string[] = [];
  let before = '';
  for (const id of checks) {
    if (ids.push(JSON.stringify(id)) < idsAtOnce) continue;
    yield before + ids.join(',');
    before = ',';
    ids = [];
  }
  if (ids.length > 0) yield before + ids.join(',');
  yield ']}';
}
