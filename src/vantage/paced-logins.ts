import { type PreAuthBudget, VantageFailure } from '../model/vantage.js';
import { type HandshakePacing, LostBeforeHandshake } from './handshake-pacing.js';
import type { Interactive } from './interactive.js';
import type { LoginSettings } from './login-settings.js';
import { addressAndPort } from './sentences.js';

/** The logins of a run, no more and no faster than each sshd bears. */
export class PacedLogins {
  readonly #pacing: HandshakePacing;
  readonly #preAuth: PreAuthBudget;
  readonly #interactive: Interactive;

  constructor(pacing: HandshakePacing, preAuth: PreAuthBudget, interactive: Interactive) {
    this.#pacing = pacing;
    this.#preAuth = preAuth;
    this.#interactive = interactive;
  }

  /**
   * Logs in when the turn comes, and again where the connection was lost before the handshake; of one sshd, MaxStartups and
   * penalties count. `behind` tells sshds of the same address in different places apart. Rejects with a
   * {@link VantageFailure}, or with the signal's reason.
   */
  async run<C extends { readonly lost: Promise<VantageFailure> }>(
    settings: LoginSettings,
    behind: string,
    signal: AbortSignal,
    logIn: () => Promise<C>,
  ): Promise<C> {
    const sshd = addressAndPort(settings.hostname, settings.port);
    try {
      const connection = await this.#pacing.run(`${sshd}${behind}`, signal, async () => {
        const over = await this.#preAuth.take(sshd, signal);
        try {
          return await logIn();
        } catch (error) {
          if (error instanceof LostBeforeHandshake)
            this.#interactive.askedInVain(settings, 'it closed the connection before the login was done');
          throw error;
        } finally {
          over();
        }
      });
      void connection.lost.then(({ message }) => this.#interactive.askedInVain(settings, message));
      return connection;
    } catch (error) {
      throw error instanceof LostBeforeHandshake ? new VantageFailure(error.message) : error;
    }
  }
}
