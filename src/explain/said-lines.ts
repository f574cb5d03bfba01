import type { PhaseTimes } from '../model/observation.js';
import { type Canvas, cell, twoEdges } from '../report/table/layout.js';
import { answerText } from './answer-text.js';
import { dialogueLines } from './dialogue-lines.js';
import { maskText } from './mask.js';
import { addressesOf, proxyText, rows, type Story, spokenOf, wasSpoken } from './story.js';

/** Every dialogue that was held, whole. */
export function saidLines(story: Story, canvas: Canvas): string[] {
  const { check, recordingOf } = story;
  return addressesOf(story).flatMap((observed) =>
    spokenOf(observed, story)
      .filter((spoken) => wasSpoken(spoken, observed.address, story))
      .flatMap((each) => {
        const { address } = observed;
        const label = check.services.find(({ service }) => service.key === each.service)?.service.label;
        const recording = recordingOf(address, each);
        const answer = maskText(answerText(each.answer), recording?.secrets ?? []);
        return [
          '',
          ...twoEdges(
            cell(`SAID AT ${address}, port ${each.port}`, 'strong'),
            cell(label ?? each.service ?? 'a connection by the proxy', 'dim'),
            0,
            canvas,
          ),
          ...(recording === undefined ? [] : dialogueLines(recording, canvas)),
          ...rows(
            [
              ['by proxy', proxyText(each.via)],
              ['answer', answer],
              ['times', phaseText(each.phases)],
            ],
            canvas,
          ),
        ];
      }),
  );
}

function phaseText({ resolve, connect, tls, firstByte }: PhaseTimes): string {
  const phases = [
    ['resolve', resolve],
    ['connect', connect],
    ['TLS', tls],
    ['first byte', firstByte],
  ] as const;
  return phases.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${ms.toFixed(1)} ms`])).join(', ');
}
