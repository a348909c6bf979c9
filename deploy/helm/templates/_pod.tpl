{{- define "ecluse.volumeMounts" -}}
- {name: config, mountPath: /etc/ecluse/gateway.yaml, subPath: gateway.yaml, readOnly: true}
- {name: secrets, mountPath: /etc/ecluse/secrets, readOnly: true}
{{- if .Values.tls.existingSecret }}
- {name: tls, mountPath: /etc/ecluse/tls, readOnly: true}
{{- end }}
{{- if eq .Values.store.kind "sqlite" }}
- {name: data, mountPath: /var/lib/ecluse}
{{- end }}
- {name: tmp, mountPath: /tmp}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
Secret files belong to root and are readable by the pod's group alone. Each is
mounted under a name of ours, whatever its key is called, and only what is used.
*/}}
{{- define "ecluse.volumes" -}}
- name: config
  configMap:
    name: {{ include "ecluse.fullname" . }}
- name: secrets
  secret:
    secretName: {{ include "ecluse.secretName" . }}
    defaultMode: 0440
    items:
      - {key: {{ .Values.secrets.keys.master | quote }}, path: master}
      {{- if eq .Values.store.kind "postgres" }}
      - {key: {{ .Values.secrets.keys.databaseUrl | quote }}, path: database-url}
      {{- end }}
      {{- if .Values.redis.enabled }}
      - {key: {{ .Values.secrets.keys.redisUrl | quote }}, path: redis-url}
      {{- end }}
{{- with .Values.tls.existingSecret }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- if eq .Values.store.kind "sqlite" }}
- name: data
  persistentVolumeClaim:
    claimName: {{ default (include "ecluse.fullname" .) .Values.store.persistence.existingClaim }}
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "ecluse.spread" -}}
{{- with .Values.topologySpreadConstraints -}}
{{ toYaml . }}
{{- else -}}
{{- range $i, $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" -}}
{{- if $i }}{{ "\n" }}{{ end -}}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "ecluse.selectorLabels" $ | nindent 6 }}
{{- end -}}
{{- end -}}
{{- end -}}
