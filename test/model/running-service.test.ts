import test from 'ava';
import type { PortHolder } from '#src/model/listening.js';
import { formatPorts } from '#src/model/port-set.js';
import { runningAt } from '#src/model/running-service.js';
import { serviceNamed } from '../service.js';
import { client, listener, ports, unseen } from './listener-record.js';

const running = (service: string, holders: readonly PortHolder[], taken = '3306') =>
  formatPorts(runningAt([{ service: serviceNamed(service), ports: ports('3306-3308') }], holders, ports(taken)));

test('a server of the named service may be it, and another’s is not', (t) => {
  t.is(running('mysql', [listener(3306, '0.0.0.0')]), '3306');
  t.is(running('redis', [listener(3306, '0.0.0.0')]), '');
  t.is(running('exasol', [listener(3306, '0.0.0.0', { process: 'ConnectionServe' })]), '3306');
});

test('what maps a container’s port may be any service', (t) => {
  for (const process of ['docker-proxy', 'conmon', 'haproxy'])
    t.is(running('redis', [listener(3306, '0.0.0.0', { process })]), '3306');
});

test('whose process nobody may see is nobody’s service', (t) => {
  t.is(running('mysql', [listener(3306, '0.0.0.0', unseen)]), '');
});

test('one stranger among those that listen on a port suffices, on that port', (t) => {
  const holders = [listener(3306, '0.0.0.0'), listener(3306, '::', { process: 'nginx' }), listener(3307, '0.0.0.0')];
  t.is(running('mysql', holders, '3306-3307'), '3307');
});

test('connections, ports that are not taken, and ports without a service count for nothing', (t) => {
  t.is(running('mysql', [{ ...client(3306, '10.0.0.2', '10.0.0.3:1'), process: 'mysqld' }]), '');
  t.is(running('mysql', [listener(3307, '0.0.0.0')]), '');
  t.is(running('mysql', [listener(9000, '0.0.0.0')], '9000'), '');
  t.is(running('tcp', [listener(3306, '0.0.0.0')]), '');
});
