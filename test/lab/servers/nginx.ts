import { launch, type Server, type ServerOptions, type ServerTls, serverUnavailable } from './server.js';

/** What nginx answers at a path. */
export interface NginxAnswer {
  readonly status: number;
  /** Of a redirect, where to. */
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface NginxOptions extends ServerOptions {
  /** https; without, http. */
  readonly tls?: ServerTls & { readonly protocols?: string };
  /** By path, exactly; anything else is a 404. `{ '/': { status: 200, body: 'welcome' } }` if left out. */
  readonly answers?: Readonly<Record<string, NginxAnswer>>;
  /** Lines of the `server` block. */
  readonly config?: readonly string[];
}

export function nginxUnavailable(): string | undefined {
  return serverUnavailable('nginx');
}

/** A real nginx; its access log is part of its log. */
export async function startNginx(options: NginxOptions = {}): Promise<Server> {
  return launch(
    {
      name: 'nginx',
      command: ({ folder, logFile, address, port, write }) => {
        const tls = options.tls === undefined ? [] : tlsLines(options.tls, write);
        const answers = options.answers ?? { '/': { status: 200, body: 'welcome' } };
        const lines = [
          'daemon off; worker_processes 1; user nobody nogroup;',
          `pid ${folder}/pid; error_log ${logFile} notice; events { worker_connections 64; }`,
          'http {',
          `access_log ${logFile};`,
          ...temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`),
          'server {',
          `listen ${address.includes(':') ? `[${address}]` : address}:${port}${options.tls === undefined ? '' : ' ssl'};`,
          'location / { return 404; }',
          ...tls,
          ...(options.config ?? []),
          ...Object.entries(answers).map(([path, answer]) => location(path, answer)),
          '} }',
        ];
        return ['nginx', '-p', folder, '-e', logFile, '-c', write('nginx.conf', `${lines.join('\n')}\n`)];
      },
    },
    options,
  );
}

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

function tlsLines(tls: NonNullable<NginxOptions['tls']>, write: (name: string, text: string) => string) {
  return [
    `ssl_certificate ${write('certificate.pem', tls.certificate)};`,
    `ssl_certificate_key ${write('key.pem', tls.key)};`,
    ...(tls.protocols === undefined ? [] : [`ssl_protocols ${tls.protocols};`]),
    ...(tls.clientAuthority === undefined
      ? []
      : [`ssl_client_certificate ${write('authority.pem', tls.clientAuthority)};`, 'ssl_verify_client on;']),
  ];
}

function location(path: string, { status, body = '', type = 'text/plain', headers = {} }: NginxAnswer): string {
  const added = Object.entries(headers).map(([name, value]) => `add_header ${name} ${quoted(value)} always;`);
  return `location = ${path} { default_type ${type}; ${added.join(' ')} return ${status} ${quoted(body)}; }`;
}

// `$` begins a variable of nginx's, and nothing escapes it.
function quoted(text: string): string {
  if (text.includes('$')) throw new Error(`nginx cannot be made to say "$": ${text}`);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
