package bench
import ("testing";"context";"io";"parlor/internal/chat";"time")
func TestZZ(t *testing.T) {
	g := &rig{dir: t.TempDir(), show: &progress{w: io.Discard}, sizes: fullSizes(), run: "x"}
	start := time.Now()
	_, err := g.filled(t.Context(), "x", func(ctx context.Context, f *filler) error {
		u, err := f.users(ctx, "u", 1000)
		if err != nil { return err }
		_, err = f.rooms(ctx, 100000, func(i int) filledRoom { return filledRoom{people: []chat.UserID{u[i%1000], u[i*31%1000]}, messages: 10} })
		return err
	})
	t.Log(time.Since(start), err)
}
