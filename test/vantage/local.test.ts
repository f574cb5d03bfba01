import test from 'ava';
import { createLocalTransport } from '#src/vantage/local.js';
import { vantageContract } from './contract.js';
import { host, never } from './fixtures.js';

vantageContract(test, 'local', () => createLocalTransport().connect(host('laptop', 'laptop', {}, 'local'), never));
