{{/* The gateway's own configuration. Secrets are named by file, never written. */}}
{{- define "ecluse.config" -}}
public_url: {{ .Values.config.publicUrl | quote }}
listen: 0.0.0.0:8080
ops_listen: 0.0.0.0:9090
{{- with .Values.config.trustedProxies }}
trusted_proxies: {{ toJson . }}
{{- end }}
{{- if .Values.tls.existingSecret }}
tls:
  cert_file: /etc/ecluse/tls/tls.crt
  key_file: /etc/ecluse/tls/tls.key
{{- end }}
master_secret_file: /etc/ecluse/secrets/master
store:
  {{- if eq .Values.store.kind "sqlite" }}
  url: sqlite:/var/lib/ecluse/ecluse.db
  {{- else }}
  url_file: /etc/ecluse/secrets/database-url
  {{- end }}
  {{- if .Values.redis.enabled }}
  tickets_url_file: /etc/ecluse/secrets/redis-url
  {{- end }}
{{- with .Values.config.extra }}
{{ toYaml . }}
{{- end }}
{{- end -}}
