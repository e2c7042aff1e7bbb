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

{{- /* Labels or annotations of a value, beside those that the chart has of its own. */}}
{{- define "beside" -}}
{{- range $key, $_ := .all -}}
{{- if hasKey $.own $key -}}{{- fail (printf "%s: %s is the chart's own" $.value $key) -}}{{- end -}}
{{- end -}}
{{- toYaml .all -}}
{{- end -}}
