import type { Answer } from './exchange.js';

// What reverse proxies and load balancers, in front of others' services, call themselves in the Server header.
const gatewayNames =
  /^(?:nginx|openresty|tengine|envoy|istio-envoy|haproxy|varnish|squid|awselb|bigip|big-ip|kong|traefik|caddy|apisix|apache)(?:[/ ]|$)/i;
// What those say that have no such header: HAProxy, Envoy, Traefik.
const gatewayTexts =
  /No server is available to handle this request|upstream connect error|no healthy upstream|no available server/;

/** Whether somebody who stands in front of the service says this 502, 503 or 504, as far as that can be told. */
export function isGateway({ head, body }: Answer): boolean {
  // RFC 9110, 15.6.3 and 15.6.5: 502 and 504 are a gateway's by definition.
  if (head.status !== 503 || head.headers.has('via')) return true;
  return gatewayNames.test(head.headers.get('server') ?? '') || gatewayTexts.test(body.bytes.toString('latin1'));
}

// What TLS listeners say to plain HTTP: nginx, Go's net/http, Apache, Tomcat.
const tlsTexts =
  /plain HTTP request was sent to HTTPS port|sent an HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled|combination of host and port requires TLS/;

/** Whether a port that speaks TLS answers so to plain HTTP. */
export function wantsTls({ head, body }: Answer): boolean {
  return head.status === 400 && tlsTexts.test(body.bytes.toString('latin1'));
}

/** Whether a server talks TLS with everybody, and HTTP only with those who showed a certificate, as nginx does. */
export function wantsCertificate({ head, body }: Answer): boolean {
  return head.status === 400 && /No required SSL certificate was sent/.test(body.bytes.toString('latin1'));
}
