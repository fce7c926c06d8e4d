package screenpop

import "time"

// Event is what a contact-centre platform reports about one request. ID is
// unique per tenant and source; Type is a trigger or Updated.
type Event struct {
	ID      string        `json:"id"`
	Type    Trigger       `json:"type"`
	Time    time.Time     `json:"time,omitzero"`
	Request RequestReport `json:"request"`
}

// RequestReport is what an event says of its request. A field left empty says
// nothing: what is known already stays. Agent is any alias of the agent.
type RequestReport struct {
	ID          string            `json:"id"`
	Channel     Channel           `json:"channel,omitempty"`
	Direction   Direction         `json:"direction,omitempty"`
	Agent       string            `json:"agent,omitempty"`
	ANI         string            `json:"anum,omitempty"`
	DNIS        string            `json:"dnis,omitempty"`
	QueueKey    string            `json:"queue_key,omitempty"`
	CustomerKey string            `json:"customer_key,omitempty"`
	Subject     string            `json:"subject,omitempty"`
	URL         string            `json:"url,omitempty"`
	Name        string            `json:"name,omitempty"`
	Variables   map[string]string `json:"variables,omitempty"`
}
