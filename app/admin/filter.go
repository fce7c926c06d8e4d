package admin

import (
	"net/url"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// searchField is the search of whatever list is shown; "/" goes there.
const searchField = "search"

// headings returns the cells of a table's head. Above buttons stands no word that
// is drawn.
func headings(names ...string) []goapp.UI {
	cells := make([]goapp.UI, len(names))
	for i, n := range names {
		cells[i] = goapp.Th().Scope("col").Text(n)
		if n == "" {
			cells[i] = goapp.Th().Scope("col").Body(goapp.Span().Class("hidden-words").Text("Acts"))
		}
	}
	return cells
}

// goTo goes to the same list with one filter changed.
func goTo(ctx goapp.Context, at place, path, filter, value string) {
	values, _ := url.ParseQuery(at.Query) // what cannot be read filters nothing
	values.Del(filter)
	if value != "" {
		values.Set(filter, value)
	}
	if query := values.Encode(); query != "" {
		path += "?" + query
	}
	ctx.Navigate(path)
}

// searchInput is the search of a list.
func searchInput(at place, path, hint, short string) goapp.UI {
	return &filterInput{At: at, Path: path, Filter: "q", ID: searchField, Hint: hint, Short: short}
}

// filterInput is a filter that is typed; it goes to the filtered list when the
// field is left or Enter is pressed.
type filterInput struct {
	goapp.Compo
	At                            place
	Path, Filter, ID, Hint, Short string

	shown string
}

// OnMount shows the filter of the address.
func (f *filterInput) OnMount(ctx goapp.Context) { f.show(ctx) }

// OnUpdate shows the filter of another address.
func (f *filterInput) OnUpdate(ctx goapp.Context) { f.show(ctx) }

func (f *filterInput) show(ctx goapp.Context) {
	value := f.At.filter(f.Filter)
	if value == f.shown {
		return
	}
	f.shown = value
	ctx.Defer(func(goapp.Context) { browser.SetText(f.ID, value) })
}

// Render draws the field. What is typed belongs to the browser.
func (f *filterInput) Render() goapp.UI {
	title := f.Hint
	if f.Short != "" {
		title += " (" + f.Short + ")"
	}
	return goapp.Input().Type("search").ID(f.ID).Class("field", "filter").Placeholder(f.Hint).Title(title).
		Aria("label", f.Hint).AutoComplete(false).
		OnChange(ui.Do("filter/"+f.Path+"/"+f.Filter, func(ctx goapp.Context, _ goapp.Event) {
			f.shown = browser.Text(f.ID)
			goTo(ctx, f.At, f.Path, f.Filter, f.shown)
		}))
}

// choice is a filter that is chosen.
func choice(at place, path, filter, name string, of [][2]string) goapp.UI {
	return &filterChoice{At: at, Path: path, Filter: filter, Name: name, Of: of}
}

// filterChoice is a filter that is chosen from a list.
type filterChoice struct {
	goapp.Compo
	At                 place
	Path, Filter, Name string
	Of                 [][2]string
}

// Render draws the choice.
func (f *filterChoice) Render() goapp.UI {
	is := f.At.filter(f.Filter)
	options := make([]goapp.UI, len(f.Of))
	for i, o := range f.Of {
		options[i] = goapp.Option().Value(orElse(o[0], anything)).Text(o[1]).Selected(o[0] == is)
	}
	return goapp.Select().Class("field", "filter").Aria("label", f.Name).
		OnChange(ui.Do("choice/"+f.Path+"/"+f.Filter, func(ctx goapp.Context, _ goapp.Event) {
			value := ctx.JSSrc().Get("value").String()
			if value == anything {
				value = ""
			}
			goTo(ctx, f.At, f.Path, f.Filter, value)
		})).Body(options...)
}

// anything stands for no filter: go-app leaves out empty values.
const anything = "*"
