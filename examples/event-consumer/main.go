// A team outside of Holdfast: it publishes tasks and reads what becomes of them, with nothing but a client of NATS.
// Each line of standard input is a CloudEvent that is published until the broker has it; each event that is read is a line of
// the file EVENTS_FILE, written before it is acknowledged. What the file already holds is known by source and id, and dropped.
// The wire contract is docs/reference/events.asyncapi.json.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

type event struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

func main() {
	team, tenant := os.Getenv("TEAM"), os.Getenv("TENANT")
	connection, err := connect(team)
	fail(err)
	go publish(connection, "tasks."+tenant)
	fail(read(connection, team, os.Getenv("EVENTS_FILE")))
}

// publish sends each line until the broker says that it is on disk. Sending one twice is harmless: source and id name the run.
func publish(connection *nats.Conn, subject string) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		message := nats.NewMsg(subject)
		message.Header.Set("Content-Type", "application/cloudevents+json")
		message.Data = append([]byte{}, lines.Bytes()...)
		for {
			var stored struct{ Stream string }
			answer, err := connection.RequestMsg(message, 2*time.Second)
			if err == nil && json.Unmarshal(answer.Data, &stored) == nil && stored.Stream != "" {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// read writes each event down once and then acknowledges it; whoever dies in between is given it again.
func read(connection *nats.Conn, team, path string) error {
	known, file, err := open(path)
	if err != nil {
		return err
	}
	stream, err := jetstream.NewWithAPIPrefix(connection, "holdfast.api")
	if err != nil {
		return err
	}
	consumer, err := stream.Consumer(context.Background(), "EVENTS", team)
	// A broker that is away now may be back in a moment.
	for ; err != nil; consumer, err = stream.Consumer(context.Background(), "EVENTS", team) {
		fmt.Fprintln(os.Stderr, err)
		time.Sleep(250 * time.Millisecond)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	for {
		message, err := messages.Next()
		if err != nil {
			return err
		}
		var read event
		if err := json.Unmarshal(message.Data(), &read); err != nil {
			return err
		}
		if !known[read] {
			if _, err := fmt.Fprintf(file, "%s\n", message.Data()); err != nil {
				return err
			}
			if err := file.Sync(); err != nil {
				return err
			}
			known[read] = true
		}
		// A test asks for the death of whoever has written an event down and not acknowledged it.
		if os.Getenv("DIE_AFTER") == fmt.Sprint(len(known)) {
			fail(fmt.Errorf("died as asked"))
		}
		if err := message.Ack(); err != nil {
			return err
		}
	}
}

func open(path string) (map[event]bool, *os.File, error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, err
	}
	known := map[event]bool{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var read event
		if json.Unmarshal(lines.Bytes(), &read) == nil {
			known[read] = true
		}
	}
	return known, file, nil
}

// connect logs in with the team's nkey; answers arrive under its own inbox prefix, which is all that it may listen to.
func connect(team string) (*nats.Conn, error) {
	pair, err := nkeys.FromSeed([]byte(os.Getenv("HOLDFAST_NATS_SEED")))
	if err != nil {
		return nil, err
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, err
	}
	return nats.Connect(os.Getenv("NATS_URL"), nats.Nkey(public, pair.Sign), nats.CustomInboxPrefix("_INBOX.TEAM-"+team), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true), nats.Name("event-consumer"))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
