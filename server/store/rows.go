package store

import (
	"database/sql/driver"
	"strings"
)

// rows collects rows of one table, to be written a few at a time.
type rows struct {
	columns   int
	one, many string // statements that insert one row, and rowsAtOnce
	values    []driver.Value
}

// rowsAtOnce is how many rows one statement writes. The driver looks each
// argument up from the first, so that many more at once are slower again.
const rowsAtOnce = 4

// newRows returns rows of a table. A row that fails ends the transaction, so
// SQLite need not be able to undo its statement alone: "or fail" saves it from
// keeping copies of every page.
func newRows(table string, columns int) *rows {
	insert := "insert or fail into " + table + " values "
	return &rows{columns: columns, one: insert + tuples(columns, 1), many: insert + tuples(columns, rowsAtOnce)}
}

func (r *rows) add(values ...driver.Value) { r.values = append(r.values, values...) }

func (r *rows) drop() { clear(r.values); r.values = r.values[:0] }

// write inserts what was collected.
func (r *rows) write(c *conn) error {
	v, many := r.values, r.columns*rowsAtOnce
	for ; len(v) >= many; v = v[many:] {
		if err := c.exec(r.many, v[:many]...); err != nil {
			return err
		}
	}
	for ; len(v) > 0; v = v[r.columns:] {
		if err := c.exec(r.one, v[:r.columns]...); err != nil {
			return err
		}
	}
	r.drop()
	return nil
}

// tuples returns n tuples of so many places: "(?,?),(?,?)".
func tuples(columns, n int) string {
	tuple := "(" + strings.TrimSuffix(strings.Repeat("?,", columns), ",") + ")"
	return strings.TrimSuffix(strings.Repeat(tuple+",", n), ",")
}
