//go:build !js

package work

import (
	"context"
	"time"
)

// ErrBusy is errBusy, for tests.
var ErrBusy = errBusy

// Limits is limits, for tests.
type Limits struct{ l *limits }

// NewLimits is newLimits, for tests.
func NewLimits() *Limits { return &Limits{newLimits()} }

// Enter is enter, for tests.
func (l *Limits) Enter(ctx context.Context, name string, parallel int, queue bool) error {
	return l.l.enter(ctx, name, parallel, queue)
}

// Leave is leave, for tests.
func (l *Limits) Leave(name string) { l.l.leave(name) }

// Over reports whether what came at a time is over at another.
func Over(at time.Time, ttl time.Duration, now time.Time) bool { return arrival{at, ttl}.over(now) }
