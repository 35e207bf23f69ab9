{{- /* The environment of one service: { root, service, app }. Secrets are references or files, never values. */ -}}
{{- define "holdfast.environment" -}}
{{- $values := .root.Values -}}
- { name: NODE_ENV, value: production }
- { name: HOST, value: 0.0.0.0 }
- { name: PORT, value: "8080" }
- { name: LOG_LEVEL, value: {{ $values.logLevel | quote }} }
- { name: NATS_URL, value: {{ include "holdfast.natsUrl" .root | quote }} }
- { name: HOLDFAST_NATS_SEED_FILE, value: /run/holdfast/nats/seed }
- { name: HOLDFAST_PARTITIONS, value: {{ $values.partitions | quote }} }
- { name: HOLDFAST_ENVIRONMENT, value: {{ $values.environment | quote }} }
- { name: HOLDFAST_CATALOG, value: /etc/holdfast/catalog/catalog.json }
{{- if $values.masterKey.existingSecret }}
- { name: HOLDFAST_MASTER_KEY_FILE, value: /run/holdfast/master-key/master.key }
{{- end }}
{{- with $values.otlpEndpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }} }
{{- end }}
{{- if $values.metrics.enabled }}
- { name: HOLDFAST_METRICS_HOST, value: 0.0.0.0 }
- { name: HOLDFAST_METRICS_PORT, value: {{ $values.metrics.port | quote }} }
{{- end }}
{{- if eq .app "policy" }}
- { name: HOLDFAST_POLICIES, value: /etc/holdfast/policies }
{{- end }}
{{- if eq .app "planner" }}
- { name: HOLDFAST_AGENTS, value: {{ $values.application.agentsModule | quote }} }
{{- end }}
{{- if eq .app "tool-adapters" }}
{{- $adapter := .service.adapter | default "default" }}
{{- if not (has $adapter $values.adapters) }}{{ fail (printf "the adapter %q is missing from the list adapters: nothing would deliver calls to it" $adapter) }}{{ end }}
- { name: HOLDFAST_TOOLS, value: {{ $values.application.toolsModule | quote }} }
- { name: HOLDFAST_ADAPTER, value: {{ $adapter | quote }} }
{{- end }}
{{- if .service.database }}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef: { name: {{ $values.postgres.existingSecret }}, key: {{ $values.postgres.key }} }
{{- end }}
{{- range $index, $file := .service.secretFiles }}
- { name: {{ $file.env }}, value: /run/holdfast/secret-{{ $index }}/{{ $file.key }} }
{{- end }}
{{- range .service.secretEnv }}
- name: {{ .env }}
  valueFrom:
    secretKeyRef: { name: {{ .existingSecret }}, key: {{ .key }} }
{{- end }}
{{- range $key, $value := .service.env }}
- { name: {{ $key }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}
