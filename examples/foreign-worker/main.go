// A worker in another language: it serves two tools of the adapter "ledger-go" and keeps its own record of what it did.
// The wire contract is docs/reference/worker.asyncapi.yaml; everything that makes an effect happen once (ledger, permits,
// retries, deadlines) stays with the tool adapter that asks.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

const adapter = "ledger-go"

type request struct {
	Tool         string         `json:"tool"`
	Arguments    map[string]any `json:"arguments"`
	OperationKey string         `json:"operationKey"`
	Attempt      int            `json:"attempt"`
}

type answer map[string]any

func failed(kind, code, message string) answer {
	return answer{"status": "failed", "kind": kind, "code": code, "message": message}
}

// book is an append-only file of entries, one a line: the key, then the reference.
type book struct{ path string }

func (b book) has(field int, value string) bool {
	file, err := os.Open(b.path)
	if err != nil {
		return false
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > field && fields[field] == value {
			return true
		}
	}
	return false
}

func (b book) add(key, reference string) error {
	file, err := os.OpenFile(b.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err = fmt.Fprintf(file, "%s %s\n", key, reference); err != nil {
		return err
	}
	return file.Sync()
}

// mishap is true once for each file of this name, which a test leaves in the folder.
func mishap(folder, name string) bool { return os.Remove(filepath.Join(folder, name)) == nil }

func main() {
	folder := os.Getenv("WORKER_FOLDER")
	entries, letters := book{filepath.Join(folder, "entries")}, book{filepath.Join(folder, "letters")}
	connection, err := connect()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	execute := func(ask request) answer {
		reference, _ := ask.Arguments["reference"].(string)
		if strings.HasPrefix(reference, "closed") {
			return failed("refused", "ledger.closed", "The account of "+reference+" is closed.")
		}
		if mishap(folder, "busy") {
			return failed("not-done", "ledger.busy", "The ledger is busy.")
		}
		if mishap(folder, "nonsense") {
			return answer{"status": "perhaps"}
		}
		target, key := entries, ask.OperationKey
		if ask.Tool == "post_letter" {
			target = letters
		}
		// The key collapses repetitions of an entry; letters know no keys, and can only be asked for.
		if ask.Tool == "post_letter" || !target.has(0, key) {
			if err := target.add(key, reference); err != nil {
				return failed("unknown", "ledger.unwritable", err.Error())
			}
		}
		if mishap(folder, "die") {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		if mishap(folder, "untyped") {
			return answer{"status": "succeeded", "result": map[string]any{"entry": 7}}
		}
		return answer{"status": "succeeded", "result": map[string]any{"entry": reference}}
	}
	reconcile := func(ask request) answer {
		reference, _ := ask.Arguments["reference"].(string)
		if letters.has(1, reference) {
			return answer{"status": "done", "result": map[string]any{"entry": reference}}
		}
		return answer{"status": "not-done"}
	}
	for subject, handle := range map[string]func(request) answer{"execute.*": execute, "reconcile.*": reconcile} {
		_, err := connection.QueueSubscribe("worker."+adapter+"."+subject, "worker", func(message *nats.Msg) {
			var ask request
			result := failed("refused", "request.invalid", "The request is no JSON.")
			if json.Unmarshal(message.Data, &ask) == nil {
				result = handle(ask)
			}
			data, _ := json.Marshal(result)
			_ = message.Respond(data)
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := connection.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
	_ = connection.Drain()
}

// connect logs in with the nkey of the role "worker"; answers arrive under that role's inbox prefix.
func connect() (*nats.Conn, error) {
	pair, err := nkeys.FromSeed([]byte(os.Getenv("HOLDFAST_NATS_SEED")))
	if err != nil {
		return nil, err
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, err
	}
	return nats.Connect(os.Getenv("NATS_URL"), nats.Nkey(public, pair.Sign), nats.CustomInboxPrefix("_INBOX.worker"), nats.MaxReconnects(-1), nats.Name("foreign-worker"))
}
