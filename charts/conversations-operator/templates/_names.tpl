{{- /* What names begin with: short enough for the longest of them, and no other release's. */}}
{{- define "fullname" -}}
{{- $name := .Values.fullnameOverride -}}
{{- if not $name -}}
{{- $name = ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- end -}}
{{- if gt (len $name) 28 -}}
{{- $name = printf "%s-%s" ($name | trunc 19 | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (printf "%s-controller-manager" (include "fullname" .)) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "selector" -}}
control-plane: controller-manager
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "commonLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "labels" -}}
control-plane: controller-manager
{{ include "commonLabels" . }}
{{- end -}}

{{- /* The flags for the timings of the leader lease. */}}
{{- define "leaseArguments" -}}
{{- $duration := int .leaseDurationSeconds | default 15 -}}
{{- $deadline := int .renewDeadlineSeconds | default 10 -}}
{{- $period := int .retryPeriodSeconds | default 2 -}}
{{- if le $duration $deadline -}}
{{- fail (printf "leaderElection.leaseDurationSeconds, %d, must be more than renewDeadlineSeconds, %d" $duration $deadline) -}}
{{- end -}}
{{- /* client-go stretches the period by up to a fifth. */}}
{{- if le (mul $deadline 10) (mul $period 12) -}}
{{- fail (printf "leaderElection.renewDeadlineSeconds, %d, must be more than 1.2 times retryPeriodSeconds, %d" $deadline $period) -}}
{{- end -}}
{{- with int .leaseDurationSeconds }}
- --leader-election-lease-duration={{ . }}s
{{- end }}
{{- with int .renewDeadlineSeconds }}
- --leader-election-renew-deadline={{ . }}s
{{- end }}
{{- with int .retryPeriodSeconds }}
- --leader-election-retry-period={{ . }}s
{{- end }}
{{- end -}}

{{- /* The environment of the manager. */}}
{{- define "environment" -}}
{{- if and .Values.caBundle.configMap .Values.caBundle.secret -}}
{{- fail "caBundle takes a configMap or a secret, not both" -}}
{{- end -}}
{{- $own := list -}}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret -}}
{{- range .Values.env -}}
{{- if has .name (list "SSL_CERT_DIR" "SSL_CERT_FILE") -}}{{- fail (printf "env: %s is the chart's own where caBundle is set" .name) -}}{{- end -}}
{{- end -}}
{{- /* Go reads the bundle of the image, as SSL_CERT_FILE is not set, and then every file in these folders. */}}
{{- $own = list (dict "name" "SSL_CERT_DIR" "value" "/etc/ssl/certs:/ca-bundle") -}}
{{- end -}}
{{- with concat .Values.env $own -}}
env:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{- /* The volumes of the manager, each mounted at the path of its name. */}}
{{- define "volumes" -}}
{{- with .Values.metrics.certificateSecret }}
- name: metrics-certificate
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.caBundle.configMap }}
- name: ca-bundle
  configMap:
    name: {{ . }}
{{- end }}
{{- with .Values.caBundle.secret }}
- name: ca-bundle
  secret:
    secretName: {{ . }}
{{- end }}
{{- end -}}

{{- /* Labels or annotations of a value, beside those that the chart has of its own. */}}
{{- define "beside" -}}
{{- range $key, $_ := .all -}}
{{- if hasKey $.own $key -}}{{- fail (printf "%s: %s is the chart's own" $.value $key) -}}{{- end -}}
{{- end -}}
{{- toYaml .all -}}
{{- end -}}
