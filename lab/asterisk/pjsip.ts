import type { ConfigInput, LabPhone } from './options.ts';

/**
 * Callers come in as `anonymous` on the loopback-only transport; phones are found by the user part of their From.
 * Every phone has a fixed contact and may also register (no password: nothing but this machine reaches the port).
 */
export function pjsipConf(input: ConfigInput): string {
  const phones = input.phones.map((phone) => phoneSections(phone, input.qualifySeconds));
  return [head(input.sipPort), ...phones, ''].join('\n');
}

/**
 * The overload trigger is off: with it Asterisk drops INVITEs once a queue of its own grows, and a benchmark would see
 * seven-second retransmissions instead of the latency.
 */
const head = (sipPort: number): string => `[global]
type = global
user_agent = ringmaster-lab
endpoint_identifier_order = username,ip,anonymous
taskprocessor_overload_trigger = none
[system]
type = system
threadpool_initial_size = 10
threadpool_auto_increment = 5
threadpool_max_size = 50
timer_t1 = 500
disable_tcp_switch = yes
[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:${sipPort}
[anonymous]
type = endpoint
context = from-trunk
${media}
[phone](!)
type = endpoint
context = from-internal
${media}
device_state_busy_at = 1`;

const media = `disallow = all
allow = ulaw,alaw
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
rtp_symmetric = yes
timers = no
send_pai = yes
trust_id_inbound = yes
allow_subscribe = no
send_connected_line = no`;

/**
 * The timeout is shorter than the shortest interval: else the answer to one question may come before the timeout of the
 * one before, and Asterisk calls a phone unavailable that has just answered.
 */
const phoneSections = (phone: LabPhone, qualifySeconds: number): string => `[${phone.name}](phone)
aors = ${phone.name}
callerid = Phone ${phone.name} <${phone.name}>
[${phone.name}]
type = aor
max_contacts = 2
remove_existing = yes
qualify_frequency = ${qualifySeconds}
qualify_timeout = 0.8
contact = sip:${phone.name}@127.0.0.1:${phone.port}`;
