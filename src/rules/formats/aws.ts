import { literals } from '../literals.js';
import { cidrBlocks } from '../ranges.js';
import type { ProposedRule } from '../request.js';
import { headOf, shortPurposes } from '../words.js';
import type { RuleFormat } from './format.js';
import { awsDescription, type DestinationGroup, destinationGroups, groupText, leftOutOf } from './groups.js';

export const awsFormat: RuleFormat = {
  name: 'aws',
  description: 'JSON with the IpPermissions of AWS security groups',
  *render(request) {
    const document = {
      // JSON has no comments.
      Comment: [
        ...headOf(request),
        'For aws ec2 authorize-security-group-ingress --group-id GROUP --ip-permissions IpPermissions, a group at a time.',
      ],
      Groups: destinationGroups(request.rules).map(groupOf),
      Notes: request.notes,
    };
    yield `${JSON.stringify(document, null, 2)}\n`;
  },
};

function groupOf(group: DestinationGroup) {
  const leftOut = leftOutOf(group);
  return {
    GroupNote: `For the security group of ${groupText(group)}`,
    IpPermissions: group.rules.flatMap(permissionsOf),
    ...(leftOut.length === 0 ? {} : { LeftOut: leftOut }),
  };
}

function permissionsOf(rule: ProposedRule) {
  const Description = awsDescription(shortPurposes(rule));
  const blocks = (family: 4 | 6) => cidrBlocks(literals(rule.sources, family), family);
  const [ipv4, ipv6] = [blocks(4), blocks(6)];
  if (ipv4.length + ipv6.length === 0) return [];
  return rule.ports.map(([FromPort, ToPort]) => ({
    IpProtocol: 'tcp',
    FromPort,
    ToPort,
    ...(ipv4.length === 0 ? {} : { IpRanges: ipv4.map((CidrIp) => ({ CidrIp, Description })) }),
    ...(ipv6.length === 0 ? {} : { Ipv6Ranges: ipv6.map((CidrIpv6) => ({ CidrIpv6, Description })) }),
  }));
}
