{{- /*
The broker's accounts, from files/broker-permissions.json: the permission table of libs/contracts with the placeholders
{partition} and {adapter}. `node k8s/validate.mjs` proves that what comes out equals the configuration that deploy
generates from the contracts. JSON is valid in the broker's configuration language.
*/ -}}
{{- define "holdfast.brokerTable" -}}
{{- $values := .Values -}}
{{- $rows := list -}}
{{- range $row := (.Files.Get "files/broker-permissions.json" | fromJson).exports -}}
  {{- $subjects := list -}}
  {{- if contains "{partition}" $row.subject -}}
    {{- range $partition := until (int $values.partitions) -}}
      {{- $subjects = append $subjects ($row.subject | replace "{partition}" (toString $partition)) -}}
    {{- end -}}
  {{- else -}}
    {{- $subjects = list $row.subject -}}
  {{- end -}}
  {{- range $subject := $subjects -}}
    {{- if contains "{adapter}" $subject -}}
      {{- range $adapter := $values.adapters -}}
        {{- $rows = append $rows (merge (dict "subject" ($subject | replace "{adapter}" $adapter)) $row) -}}
      {{- end -}}
    {{- else -}}
      {{- $rows = append $rows (merge (dict "subject" $subject) $row) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- dict "rows" $rows | toJson -}}
{{- end -}}

{{- define "holdfast.brokerAccounts" -}}
{{- $file := .Files.Get "files/broker-permissions.json" | fromJson -}}
{{- $rows := (include "holdfast.brokerTable" . | fromJson).rows -}}
{{- $keys := .Values.nats.embedded.publicKeys -}}
{{- $accounts := dict -}}
{{- range $account := prepend $file.roles $file.core -}}
  {{- $exports := list -}}
  {{- $imports := list -}}
  {{- $publish := list -}}
  {{- $served := list -}}
  {{- $heard := list -}}
  {{- $own := list -}}
  {{- range $row := $rows -}}
    {{- if and (eq $row.owner $account) (eq $row.kind "own") -}}
      {{- $own = append $own $row.subject -}}
    {{- else if eq $row.owner $account -}}
      {{- $export := dict $row.kind $row.subject "accounts" $row.to -}}
      {{- if eq $row.kind "stream" -}}{{- $publish = append $publish $row.subject -}}{{- end -}}
      {{- if eq $row.kind "service" -}}
        {{- $_ := set $export "response_type" (ternary "stream" "singleton" $row.manyAnswers) -}}
        {{- $served = append $served (has $account $file.sharing | ternary (printf "%s %s" $row.subject $account) $row.subject) -}}
      {{- end -}}
      {{- $exports = append $exports $export -}}
    {{- end -}}
    {{- if has $account $row.to -}}
      {{- $import := dict $row.kind (dict "account" $row.owner "subject" $row.subject) -}}
      {{- if hasKey $row "as" -}}{{- $_ := set $import "to" $row.as -}}{{- end -}}
      {{- $imports = append $imports $import -}}
      {{- if eq $row.kind "service" -}}{{- $publish = append $publish (get $row "as" | default $row.subject) -}}{{- else -}}{{- $heard = append $heard $row.subject -}}{{- end -}}
    {{- end -}}
  {{- end -}}
  {{- $user := dict "nkey" (required (printf "nats.embedded.publicKeys.%s is missing; node deploy/docker/prepare.mjs prints the public keys" $account) (get $keys $account)) -}}
  {{- $declaration := dict "exports" $exports "imports" $imports -}}
  {{- if eq $account $file.core -}}
    {{- $_ := set $declaration "jetstream" "enabled" -}}
  {{- else -}}
    {{- $inbox := printf "%s.>" ($file.inboxPrefix | replace "{role}" $account) -}}
    {{- $permissions := dict "publish" (dict "allow" (concat $publish $own | default list)) "subscribe" (dict "allow" (append (concat $served $own $heard) $inbox)) -}}
    {{- if $served -}}{{- $_ := set $permissions "allow_responses" (get $file.replies $account) -}}{{- end -}}
    {{- $_ := set $user "permissions" $permissions -}}
  {{- end -}}
  {{- $_ := set $declaration "users" (list $user) -}}
  {{- $_ := set $accounts $account $declaration -}}
{{- end -}}
{{- $systemExports := list -}}
{{- range $row := $rows -}}
  {{- if eq $row.owner $file.system -}}
    {{- $systemExports = append $systemExports (dict $row.kind $row.subject "accounts" $row.to "response_type" (ternary "stream" "singleton" $row.manyAnswers)) -}}
  {{- end -}}
{{- end -}}
{{- $_ := set $accounts $file.system (dict "exports" $systemExports) -}}
{{- $accounts | toRawJson -}}
{{- end -}}
