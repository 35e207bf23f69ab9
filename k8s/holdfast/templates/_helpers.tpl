{{- define "holdfast.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Labels that never change: selectors are built from them. Takes { root, component }. */ -}}
{{- define "holdfast.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "holdfast.labels" -}}
{{ include "holdfast.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: holdfast
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- /* An image of this release. Takes { root, image }; a tag that can move under a running release is refused. */ -}}
{{- define "holdfast.image" -}}
{{- $tag := .image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- if eq $tag "latest" -}}{{- fail (printf "image %s: the tag \"latest\" can change under a running release; name a version" .image.repository) -}}{{- end -}}
{{- with .root.Values.image.registry -}}{{ trimSuffix "/" . }}/{{- end -}}
{{ .image.repository }}:{{ $tag }}
{{- end -}}

{{- define "holdfast.natsUrl" -}}
{{- if .Values.nats.embedded.enabled -}}
nats://{{ include "holdfast.fullname" . }}-nats:4222
{{- else -}}
{{- required "set nats.url to your broker's address, or nats.embedded.enabled to true" .Values.nats.url -}}
{{- end -}}
{{- end -}}

{{- define "holdfast.catalogConfigMap" -}}
{{- .Values.catalog.existingConfigMap | default (printf "%s-catalog" (include "holdfast.fullname" .)) -}}
{{- end -}}

{{- define "holdfast.policiesConfigMap" -}}
{{- .Values.policies.existingConfigMap | default (printf "%s-policies" (include "holdfast.fullname" .)) -}}
{{- end -}}

{{- define "holdfast.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "holdfast.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "holdfast.imagePullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* A service's settings over the defaults: { root, name, service }. */ -}}
{{- define "holdfast.settings" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy .service) | toJson -}}
{{- end -}}
