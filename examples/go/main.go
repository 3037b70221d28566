// Story seals a FAL key, opens it, and has a picture made: story [PICTURE [SEALED]].
//
// The key comes from FAL_KEY and is sealed into the file SEALED; without FAL_KEY, SEALED of an earlier run is opened.
// The password comes from GENERATIO_PASSWORD, and another address than FAL's from FAL_URL.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"example.org/story/generatio"
)

const (
	model      = "flux/schnell"
	prompt     = "a lighthouse in the fog"
	patience   = 10 * time.Minute
	maxPicture = 64 << 20
)

var parameters = map[string]any{
	"image_size":    map[string]int{"width": 1280, "height": 1024},
	"output_format": "png",
}

func main() {
	picture, sealed := "picture.png", "sealed-key.txt"
	if len(os.Args) > 1 {
		picture = os.Args[1]
	}
	if len(os.Args) > 2 {
		sealed = os.Args[2]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := story(ctx, picture, sealed); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		var told *generatio.Error
		if errors.As(err, &told) && told.MayHaveBeenTaken {
			fmt.Fprintln(os.Stderr, "FAL may have taken the request: look at your account before you try again.")
		}
		os.Exit(1)
	}
}

func story(ctx context.Context, picture, sealed string) error {
	key, err := unlocked(sealed)
	if err != nil {
		return err
	}
	defer key.Close()
	generation, err := generatio.Check(model, prompt, parameters)
	if err != nil {
		return err
	}
	defer generation.Close()
	quote, err := generation.Quote()
	if err != nil {
		return err
	}
	fmt.Println("price:", quote)

	fal, err := generatio.NewFal(os.Getenv("FAL_URL"))
	if err != nil {
		return err
	}
	output, err := fal.Generate(ctx, key, generation, tell)
	if err != nil {
		return err
	}
	first := output.Pictures[0]
	if err := save(ctx, first.URL, picture); err != nil {
		return err
	}
	fmt.Printf("saved: %s (%dx%d)\n", picture, first.Width, first.Height)
	fmt.Println("cost:", output.Cost)
	return nil
}

func unlocked(path string) (*generatio.Secret, error) {
	password := os.Getenv("GENERATIO_PASSWORD")
	if key := os.Getenv("FAL_KEY"); key != "" {
		sealed, err := generatio.Seal(key, password, "")
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(sealed), 0o600); err != nil {
			return nil, err
		}
	}
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return generatio.Open(strings.TrimSpace(string(sealed)), password, "")
}

func tell(progress generatio.Progress) {
	fmt.Print(progress.State)
	if progress.Ahead >= 0 {
		fmt.Printf(", %d ahead", progress.Ahead)
	}
	fmt.Println()
	for _, line := range progress.Logs {
		fmt.Println(" ", line)
	}
}

// save fetches a picture. Its address is public: no key goes there.
func save(ctx context.Context, url, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the picture's address answered %s", answer.Status)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxPicture+1))
	if err != nil {
		return err
	}
	if len(data) > maxPicture {
		return errors.New("the picture is larger than 64 MiB")
	}
	return os.WriteFile(path, data, 0o644)
}
