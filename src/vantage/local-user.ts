import { userInfo } from 'node:os';

/** Where and as whom the program runs: what `~`, `%u` and the defaults stand for. */
export interface LocalUser {
  readonly name: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The user that runs the program. HOME wins over the user database, as it does for `~` in a shell. */
export function localUser(environment: LocalUser['environment']): LocalUser {
  const { username, homedir } = userInfo();
  return { name: username, home: environment.HOME || homedir, environment };
}
