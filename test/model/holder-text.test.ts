import test from 'ava';
import { holderAddress, holderText } from '#src/model/holder-text.js';
import { client, listener, unseen } from './listener-record.js';

test('who holds a port is named as far as the login may see', (t) => {
  t.is(holderText(listener(3306, '0.0.0.0')), 'mysqld (pid 812, user mysql)');
  t.is(
    holderText(listener(3306, '0.0.0.0', { unit: 'mariadb.service' })),
    'mysqld (pid 812, user mysql, mariadb.service)',
  );
  t.is(holderText(listener(3306, '0.0.0.0', unseen)), 'a process that only root may see (user 27)');
  t.is(
    holderText(listener(3306, '0.0.0.0', { otherNamespace: true })),
    'mysqld (pid 812, user mysql, in another network namespace)',
  );
});

test('of a connection its other end is named', (t) => {
  t.is(holderText(client(3306, '10.0.0.2', '10.0.0.7:443')), 'a connection to 10.0.0.7:443 of curl (pid 9, user ops)');
});

test('a container’s port leads where its mapper’s arguments say', (t) => {
  const mapper = (command: string) => holderText(listener(80, '0.0.0.0', { process: 'docker-proxy', command }));
  t.is(
    mapper('/usr/bin/docker-proxy -proto tcp -host-port 80 -container-ip 172.17.0.2 -container-port 8080'),
    'docker-proxy (pid 812, user mysql), which maps it into another network namespace, to 172.17.0.2:8080',
  );
  t.regex(mapper('docker-proxy -container-ip=fd00::2 -container-port=80'), /to \[fd00::2\]:80$/);
  t.is(mapper('docker-proxy -container-ip 172.17.0.2'), 'docker-proxy (pid 812, user mysql)');
});

test('an IPv6 address stands in brackets before its port', (t) => {
  t.is(holderAddress(listener(80, '10.0.0.2')), '10.0.0.2:80');
  t.is(holderAddress(listener(80, '::')), '[::]:80');
});
