package browser

// Area is one of the browser's two stores of this origin.
type Area int

// Local is shared by all tabs and stays; Session belongs to one tab and ends with it.
const (
	Local Area = iota
	Session
)

// localShelf is the Local area as a shelf for verdicts.
type localShelf struct{}

func (localShelf) Load(key string) (string, bool) { return Load(Local, key) }
func (localShelf) Save(key, value string) bool    { return Save(Local, key, value) }
func (localShelf) Delete(key string)              { Delete(Local, key) }
func (localShelf) Keys(prefix string) []string    { return Keys(Local, prefix) }
