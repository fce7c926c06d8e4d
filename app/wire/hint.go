package wire

// AgentKey names one agent's stream: the internal ids of the tenant and the user.
type AgentKey struct{ Tenant, ID string }

// Hint says that an agent's stream has grown to Head. Frames are the newest
// entries in order, ready to send; they may be absent and the hint itself may
// be lost: whoever needs certainty reads the record.
type Hint struct {
	Agent  AgentKey
	Head   int64
	Frames []Frame
}
