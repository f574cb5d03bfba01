import { awsFormat } from './aws.js';
import { csvFormat } from './csv.js';
import { firewalldFormat } from './firewalld.js';
import type { RuleFormat } from './format.js';
import { iptablesFormat } from './iptables.js';
import { markdownFormat } from './markdown.js';
import { nftablesFormat } from './nftables.js';
import { tableFormat } from './table.js';
import { terraformFormat } from './terraform.js';

/** Every format by name; `--format` knows what is here, and a test holds its help to it. */
export const ruleFormats: ReadonlyMap<string, RuleFormat> = new Map(
  [
    tableFormat,
    csvFormat,
    markdownFormat,
    nftablesFormat,
    firewalldFormat,
    iptablesFormat,
    awsFormat,
    terraformFormat,
  ].map((format) => [format.name, format]),
);
