import { capabilities, type Greeting } from './greeting.js';

const nativePassword = 'mysql_native_password';
// utf8mb4_general_ci, which MySQL has had since 5.5.3 and OceanBase from the start.
const characterSet = 45;
const largestPacket = 0x1000000;

/** HandshakeResponse41 of a user without a password, as a client of any version from 5.5 to 9 may send it. */
export function handshakeResponse(user: string, greeting: Greeting | undefined): Buffer {
  // Without a greeting: what every supported server offers.
  const offered = greeting?.capabilities ?? 0xffffffff;
  const wanted =
    capabilities.longPassword | capabilities.protocol41 | capabilities.secureConnection | capabilities.pluginAuth;
  const flags = (wanted & offered) | capabilities.protocol41;
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(flags >>> 0, 0);
  fixed.writeUInt32LE(largestPacket, 4);
  fixed[8] = characterSet;
  const parts = [fixed, Buffer.from(`${user}\0`), Buffer.from([0])];
  if ((flags & capabilities.pluginAuth) !== 0) parts.push(Buffer.from(`${firstPlugin(greeting)}\0`));
  return Buffer.concat(parts);
}

// Both take an empty answer for "no password"; a server whose default is another one switches.
function firstPlugin(greeting: Greeting | undefined): string {
  return greeting?.authPlugin === 'caching_sha2_password' ? 'caching_sha2_password' : nativePassword;
}

const emptyText = Buffer.from([0]);

/**
 * What a user without a password answers when the server switches to this plugin. A server does that even for a user it
 * does not have (MariaDB takes the plugin of an account chosen by a hash of the name, MySQL 8 one of those in use), and
 * some plugins call a wrong answer a wrong password, others a broken handshake, which counts towards
 * max_connect_errors. So: the answer that the plugin's source calls a wrong password or a plugin error.
 */
export function switchAnswer(plugin: string): Buffer {
  switch (plugin) {
    // auth_native_password wants nothing or 20 bytes.
    case nativePassword:
      return Buffer.alloc(0);
    // server_ed25519.c: any length but that of a signature is a broken handshake, a wrong signature is not.
    case 'client_ed25519':
      return Buffer.alloc(64);
    // server_parsec.cc: here a wrong signature is a broken handshake, and so is its wrong length; a first answer that is
    // not empty, and so does not ask for the salt, is not. caching_sha2_password and all clear text plugins: no password.
    default:
      return emptyText;
  }
}

/** What it answers when the plugin asks for more. */
export const moreAnswer = emptyText;

export const quitCommand = Buffer.from([0x01]);
