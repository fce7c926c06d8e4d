package store

import (
	"context"
	"database/sql/driver"
	"slices"
	"time"
)

// Times says how long pops took from the receipt of their event until their
// page was shown, of those that were shown in their time.
type Times struct {
	Count         int
	P50, P95, P99 time.Duration
	Buckets       []TimesBucket // oldest first; those without a pop too
}

// TimesBucket is a stretch of time.
type TimesBucket struct {
	At       time.Time // its begin
	Count    int
	P50, P95 time.Duration
}

const (
	timesBuckets = 48
	maxTimes     = 200_000 // pops looked at: the newest
)

// Times returns how long the pops took that were shown from a moment on until now.
func (s *SQLite) Times(ctx context.Context, tenant string, from, to time.Time) (Times, error) {
	if err := s.listed(ctx); err != nil {
		return Times{}, err
	}
	var at, took []int64
	err := s.look(ctx, func(r reader) error {
		at, took = nil, nil
		return r.each(`select at, took from shown where tenant = ? and at >= ? and at <= ? order by at desc limit ?`, func(row []driver.Value) error {
			at, took = append(at, number(row[0])), append(took, number(row[1]))
			return nil
		}, tenant, stamp(from), stamp(to), maxTimes)
	})
	if err != nil {
		return Times{}, err
	}
	return timesOf(at, took, from, to), nil
}

func timesOf(at, took []int64, from, to time.Time) Times {
	wide := max(to.Sub(from)/timesBuckets, time.Second)
	parts := make([][]int64, timesBuckets)
	for i := range at {
		b := min(int(time.Duration(at[i]-stamp(from))/wide), timesBuckets-1)
		parts[b] = append(parts[b], took[i])
	}
	t := Times{Count: len(took), P50: percentile(took, 50), P95: percentile(took, 95), P99: percentile(took, 99)}
	for i, p := range parts {
		t.Buckets = append(t.Buckets, TimesBucket{At: from.Add(time.Duration(i) * wide), Count: len(p), P50: percentile(p, 50), P95: percentile(p, 95)})
	}
	return t
}

// percentile returns the value that p of 100 do not exceed; it sorts all.
func percentile(all []int64, p int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return time.Duration(all[(len(all)*p+99)/100-1])
}
