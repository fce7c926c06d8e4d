package browser

import "time"

// What the tests of this room see of its inside.

type (
	Probed = probed
	Serial = serial
)

// Allowed, Refused and Unknown are the answers a probe can give.
var (
	Allowed = Probed{allowed: true}
	Unknown = Probed{}
)

func Refused(why string) Probed { return Probed{refused: true, why: why} }

func (s *Serial) Push(f func()) { s.push(f) }

// Shelf keeps verdicts in memory and counts nothing.
type Shelf map[string]string

func (s Shelf) Load(key string) (string, bool) { v, ok := s[key]; return v, ok }
func (s Shelf) Save(key, value string) bool    { s[key] = value; return true }
func (s Shelf) Delete(key string)              { delete(s, key) }
func (s Shelf) Keys(prefix string) (keys []string) {
	for k := range s {
		if len(k) >= len(prefix) && k[:len(prefix)] == prefix {
			keys = append(keys, k)
		}
	}
	return keys
}

// StageOn is a stage on a surface of the test's own.
func StageOn(limit int, own string, shelf Shelf, b *Board, listen func(PageEvent)) *Stage {
	stage := bareStage(limit, listen)
	stage.own, stage.verdicts, stage.surface = parseAddress(own), verdicts{shelf: shelf, now: time.Now}, b
	return stage
}

// Spoke and Entered report as a surface would.
func (s *Stage) Spoke(id string)   { s.spoke(id) }
func (s *Stage) Entered(id string) { s.entered(id) }

// PolicyRefused reports that a page of origin was refused in some frame.
func (s *Stage) PolicyRefused(origin string) { s.policyRefused(origin) }

// Verdicts is the memory of verdicts with a clock of the test's own.
type Verdicts struct{ v verdicts }

func NewVerdicts(shelf Shelf, now func() time.Time) Verdicts { return Verdicts{verdicts{shelf, now}} }
func (v Verdicts) Allow(key string)                          { v.v.allow(key) }
func (v Verdicts) Refuse(key, why string)                    { v.v.refuse(key, why) }
func (v Verdicts) AgentRefuses(key, why string)              { v.v.agentRefuses(key, why) }
func (v Verdicts) Forget(key string)                         { v.v.forget(key) }
func (v Verdicts) Sweep()                                    { v.v.sweep() }
func (v Verdicts) Of(key string) (what, by, why string) {
	d := v.v.of(key)
	return d.what, d.by, d.why
}

// FrameFault and WindowFault judge an address from a workspace at own.
func FrameFault(raw, own string) string  { return frameFault(parseAddress(raw), parseAddress(own)) }
func WindowFault(raw, own string) string { return windowFault(parseAddress(raw), parseAddress(own)) }

func Sandbox(additions string) string         { return Page{Sandbox: additions}.sandbox() }
func WindowName(prefix, target string) string { return windowName(prefix, target) }
func CheckPath(path string) error             { return checkPath(path) }

// Units and BytesOf count places in a text, for tests.
var (
	Units   = units
	BytesOf = bytesOf

	FieldUnits = fieldUnits
	FieldBytes = fieldBytes
)

// TextOfField returns what a field holds that was given a text and now has value.
func TextOfField(was, value string) string { return given(was).text(value) }
