package admin

import (
	"fmt"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// times says how long it took from an event until its page was shown.
type times struct {
	Count   int     `json:"count"`
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
	P99     float64 `json:"p99_ms"`
	Buckets []struct {
		At    time.Time `json:"at"`
		Count int       `json:"count"`
		P50   float64   `json:"p50_ms"`
		P95   float64   `json:"p95_ms"`
	} `json:"buckets"`
}

// The plot, in the units of its view box.
const (
	plotWide = 480
	plotHigh = 56
)

// timesPlot draws the last day: from ringing to a page that is shown.
type timesPlot struct {
	goapp.Compo
	Office *Office

	times times
	known bool
}

// OnMount asks for the times.
func (p *timesPlot) OnMount(ctx goapp.Context) {
	get(p.Office, ctx, "/requests/times?hours=24", func(_ goapp.Context, t times, err error) {
		p.times, p.known = t, err == nil
	})
}

// Render draws the figures and the plot; nothing while nothing was shown.
func (p *timesPlot) Render() goapp.UI {
	if !p.known || p.times.Count == 0 {
		return goapp.Div().Class("times-none")
	}
	t := p.times
	return goapp.Section().Class("times").Aria("label", "From event to page shown, last 24 hours").Body(
		goapp.Div().Class("times-words").Body(
			goapp.H2().Text("From event to page shown, last 24 hours"),
			goapp.Dl().Class("times-figures").Body(
				goapp.Dt().Text("median"), goapp.Dd().Text(ms(t.P50)),
				goapp.Dt().Text("95 %"), goapp.Dd().Text(ms(t.P95)),
				goapp.Dt().Text("99 %"), goapp.Dd().Text(ms(t.P99)),
				goapp.Dt().Text("pages"), goapp.Dd().Text(fmt.Sprint(t.Count)),
			),
		),
		goapp.Raw(p.svg()),
	)
}

// svg returns the plot: a bar an hour to its 95th percentile, and in it one to
// the median. All in it are numbers of ours.
func (p *timesPlot) svg() string {
	most := 0.0
	for _, b := range p.times.Buckets {
		most = max(most, b.P95)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="times-plot" viewBox="0 0 %d %d" preserveAspectRatio="none" role="img" aria-label="Times by hour; the highest bar is %s">`, plotWide, plotHigh, ms(most))
	fmt.Fprintf(&s, `<line class="times-axis" x1="0" y1="%d" x2="%d" y2="%d"/>`, plotHigh, plotWide, plotHigh)
	wide := float64(plotWide) / float64(max(len(p.times.Buckets), 1))
	for i, b := range p.times.Buckets {
		if b.Count == 0 || most == 0 {
			continue
		}
		for _, bar := range []struct {
			class string
			v     float64
		}{{"high", b.P95}, {"median", b.P50}} { // the longer one behind
			high := max(1, bar.v/most*plotHigh)
			fmt.Fprintf(&s, `<rect class="times-%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: median %s, 95 %% %s, %d pages</title></rect>`,
				bar.class, float64(i)*wide+1, plotHigh-high, max(1, wide-2), high, b.At.Local().Format("15:04"), ms(b.P50), ms(b.P95), b.Count)
		}
	}
	s.WriteString("</svg>")
	return s.String()
}

func ms(v float64) string { return millis(time.Duration(v * float64(time.Millisecond))) }
