{{/*
What cannot work is refused before anything is installed, all reasons at once.
The schema looks at each value by itself; this looks at them together.
*/}}
{{- define "ecluse.refuse" -}}
{{- $reasons := concat
  (include "ecluse.refuse.address" . | fromJsonArray)
  (include "ecluse.refuse.secrets" . | fromJsonArray)
  (include "ecluse.refuse.store" . | fromJsonArray)
  (include "ecluse.refuse.extras" . | fromJsonArray) -}}
{{- if $reasons -}}
{{- fail (printf "\n\nThis cannot work:\n- %s\n" (join "\n- " $reasons)) -}}
{{- end -}}
{{- end -}}

{{- define "ecluse.refuse.address" -}}
{{- $r := list -}}
{{- $url := .Values.config.publicUrl -}}
{{- if not $url -}}
{{- $r = append $r "config.publicUrl is empty: give the https address that people will see" -}}
{{- else if hasPrefix "http://" $url -}}
{{- $r = append $r (printf "config.publicUrl is %s: plain http would let anyone on the way take the session, use https" $url) -}}
{{- else if not (regexMatch "^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?$" $url) -}}
{{- $r = append $r (printf "config.publicUrl is %s: it must be https://host or https://host:port, with nothing after it" $url) -}}
{{- end -}}
{{- if not (or .Values.config.trustedProxies .Values.tls.existingSecret) -}}
{{- $r = append $r "config.trustedProxies and tls.existingSecret are both empty: say which proxies end TLS in front of the gateway, or give it a certificate" -}}
{{- end -}}
{{- toJson $r -}}
{{- end -}}

{{/* No reason repeats a secret: reasons end in terminals and logs. */}}
{{- define "ecluse.refuse.secrets" -}}
{{- $r := list -}}
{{- $given := .Values.secrets.values -}}
{{- if .Values.secrets.existingSecret -}}
{{- if or $given.master $given.databaseUrl $given.redisUrl -}}
{{- $r = append $r "secrets.existingSecret and secrets.values are both set: only one of them can count" -}}
{{- end -}}
{{- else -}}
{{- if not $given.master -}}
{{- $r = append $r "no master secret: name a Secret in secrets.existingSecret, or set secrets.values.master" -}}
{{- else if lt (len $given.master) 32 -}}
{{- $r = append $r "secrets.values.master is shorter than 32 bytes: make one with openssl rand -base64 32" -}}
{{- end -}}
{{- if and (eq .Values.store.kind "postgres") (not $given.databaseUrl) -}}
{{- $r = append $r "store.kind is postgres without an address: name a Secret in secrets.existingSecret, or set secrets.values.databaseUrl" -}}
{{- end -}}
{{- if not (regexMatch "^(postgres(ql)?://.*)?$" $given.databaseUrl) -}}
{{- $r = append $r "secrets.values.databaseUrl does not begin with postgres://" -}}
{{- end -}}
{{- if and .Values.redis.enabled (not $given.redisUrl) -}}
{{- $r = append $r "redis.enabled without an address: name a Secret in secrets.existingSecret, or set secrets.values.redisUrl" -}}
{{- end -}}
{{- if not (regexMatch "^(rediss?://.*)?$" $given.redisUrl) -}}
{{- $r = append $r "secrets.values.redisUrl does not begin with redis:// or rediss://" -}}
{{- end -}}
{{- end -}}
{{- toJson $r -}}
{{- end -}}

{{- define "ecluse.refuse.store" -}}
{{- $r := list -}}
{{- if include "ecluse.several" . -}}
{{- if eq .Values.store.kind "sqlite" -}}
{{- $r = append $r "store.kind is sqlite with more than one replica: one file has one writer, use postgres or a single replica without autoscaling" -}}
{{- else if not .Values.redis.enabled -}}
{{- $r = append $r "several replicas on postgres without redis: replicas share the steps of a sign-in through Redis, set redis.enabled" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- $r = append $r "autoscaling.minReplicas is above autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and (eq (toString .Values.updateStrategy.maxSurge) "0") (eq (toString .Values.updateStrategy.maxUnavailable) "0") -}}
{{- $r = append $r "updateStrategy.maxSurge and updateStrategy.maxUnavailable are both 0: no pod could ever be replaced" -}}
{{- end -}}
{{- toJson $r -}}
{{- end -}}

{{- define "ecluse.refuse.extras" -}}
{{- $r := list -}}
{{- range $key := keys .Values.config.extra | sortAlpha -}}
{{- if has $key (list "public_url" "listen" "ops_listen" "trusted_proxies" "tls" "master_secret" "master_secret_file" "store") -}}
{{- $r = append $r (printf "config.extra.%s: the chart writes this key itself" $key) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- $r = append $r "httpRoute.enabled without httpRoute.parentRefs: no Gateway would serve it" -}}
{{- end -}}
{{- if and .Values.metrics.prometheusRule.enabled (not .Values.metrics.serviceMonitor.enabled) -}}
{{- $r = append $r "metrics.prometheusRule without metrics.serviceMonitor: the alerts would watch nothing" -}}
{{- end -}}
{{- toJson $r -}}
{{- end -}}
