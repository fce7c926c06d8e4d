package store

import (
	"log/slog"
	"os"
)

// checkpoints moves what the database's log holds into the database, so that
// the log does not grow for ever.
type checkpoints struct {
	wal string
	log *slog.Logger
}

// maxLog is how large the log may grow, in bytes, before it is moved.
const maxLog = 32 << 20

func newCheckpoints(path string, log *slog.Logger) *checkpoints {
	return &checkpoints{wal: path + "-wal", log: log}
}

// look moves the log if it has grown. The writer calls it between transactions.
func (k *checkpoints) look(c *conn) {
	fi, err := os.Stat(k.wal)
	if err != nil || fi.Size() < maxLog {
		return
	}
	if err := c.exec("pragma wal_checkpoint(truncate)"); err != nil {
		k.log.Error("move the database's log into it", "err", err)
	}
}
