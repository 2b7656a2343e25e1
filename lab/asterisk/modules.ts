/** The modules that calls, queues, ARI and AMI need; everything else stays unloaded, which halves the start-up time. */
const groups = {
  bridges:
    'bridge_builtin_features bridge_builtin_interval_features bridge_holding bridge_native_rtp bridge_simple bridge_softmix',
  channels: 'chan_pjsip chan_bridge_media chan_rtp res_rtp_multicast',
  media:
    'codec_alaw codec_ulaw codec_a_mu codec_resample format_pcm format_wav format_sln res_rtp_asterisk res_srtp res_musiconhold res_timing_timerfd',
  applications:
    'app_dial app_queue app_stasis app_stasis_broadcast app_verbose app_playback app_playtones app_transfer app_userevent app_exec app_echo app_originate app_stack app_channelredirect app_bridgewait app_db app_senddtmf app_read app_while app_if app_mixmonitor app_chanspy app_blind_transfer app_system',
  functions:
    'func_base64 func_callerid func_channel func_curl func_cut func_db func_devstate func_dialplan func_env func_global func_groupcount func_hangupcause func_holdintercept func_json func_logic func_math func_pjsip_aor func_pjsip_contact func_pjsip_endpoint func_rand func_sprintf func_strings func_talkdetect func_timeout func_uri func_uuid func_version func_lock',
  dialplan: 'pbx_config res_speech res_agi res_limit res_clioriginate',
  sip: 'res_pjproject res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_pjsip_pubsub res_pjsip_exten_state res_pjsip_outbound_publish res_pjsip_outbound_registration res_pjsip_acl res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_diversion res_pjsip_dlg_options res_pjsip_dtmf_info res_pjsip_endpoint_identifier_anonymous res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_header_funcs res_pjsip_logger res_pjsip_messaging res_pjsip_mwi res_pjsip_nat res_pjsip_notify res_pjsip_outbound_authenticator_digest res_pjsip_path res_pjsip_refer res_pjsip_registrar res_pjsip_rfc3326 res_pjsip_sips_contact res_pjsip_transport_websocket',
  http: 'res_http_websocket res_websocket_client res_crypto res_curl',
  ari: 'res_ari res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels res_ari_device_states res_ari_endpoints res_ari_events res_ari_model res_ari_playbacks res_ari_recordings res_ari_sounds res_stasis res_stasis_answer res_stasis_broadcast res_stasis_device_state res_stasis_playback res_stasis_recording res_stasis_snoop',
  ami: 'res_manager_devicestate',
} as const;

export const asteriskModules: readonly string[] = Object.values(groups).flatMap((names) => names.split(' '));

/** `present` says whether this Asterisk has the module's file: older ones lack some, and a missing one is an error there. */
export function modulesConf(present: (module: string) => boolean): string {
  const loads = asteriskModules.filter(present).map((module) => `load = ${module}.so`);
  return ['[modules]', 'autoload = no', ...loads, ''].join('\n');
}
