import { literals } from '../literals.js';
import { cidrBlocks } from '../ranges.js';
import { comments, headOf, shortPurposes } from '../words.js';
import type { RuleFormat } from './format.js';
import { awsDescription, type DestinationGroup, destinationGroups, groupText, leftOutOf } from './groups.js';

export const terraformFormat: RuleFormat = {
  name: 'terraform',
  description: 'ingress rules of AWS security groups',
  *render(request) {
    yield comments(headOf(request));
    for (const [index, group] of destinationGroups(request.rules).entries()) {
      yield `\n${comments(leftOutOf(group))}`;
      yield* groupOf(group, `portolan_${index + 1}`);
    }
    if (request.notes.length > 0) yield '\n';
    yield comments(request.notes);
  },
};

function* groupOf(group: DestinationGroup, name: string): Generator<string> {
  yield `variable "${name}" {
  description = ${quoted(`Security group of ${groupText(group)}`)}
  type        = string
}
`;
  let count = 0;
  for (const rule of group.rules) {
    const description = quoted(awsDescription(shortPurposes(rule)));
    for (const family of [4, 6] as const)
      for (const block of cidrBlocks(literals(rule.sources, family), family))
        for (const [first, last] of rule.ports) {
          count++;
          yield `
resource "aws_vpc_security_group_ingress_rule" "${name}_${count}" {
  security_group_id = var.${name}
  description       = ${description}
  ip_protocol       = "tcp"
  from_port         = ${first}
  to_port           = ${last}
  cidr_ipv${family}         = "${block}"
}
`;
        }
  }
}

function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/([$%])\{/g, '$1$1{');
  return `"${escaped}"`;
}
