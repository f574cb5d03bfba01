import { within } from './by-value.js';
import { documentedUnsafePorts, furtherUnsafePorts } from './unsafe-port-list.js';
import type { RuleView, Violation } from './violation.js';

/** No port is one that browsers refuse to open. */
export function browserUnsafePorts({ uses, extendedBrowserPorts }: RuleView): readonly Violation[] {
  const documented = ", which Google Chrome refuses to open; choose a port that is not in the document's list";
  const further = ', which browsers refuse to open by the Fetch standard, though the document does not list it';
  return [
    ...within(documentedUnsafePorts, uses, documented),
    ...(extendedBrowserPorts ? within(furtherUnsafePorts, uses, further) : []),
  ];
}
