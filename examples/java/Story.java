import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Story [PICTURE [SEALED]]: seals a FAL key, opens it, and has a picture made.
 *
 * <p>The key comes from FAL_KEY and is sealed into the file SEALED; without FAL_KEY, SEALED of an earlier run is opened.
 * The password comes from GENERATIO_PASSWORD, and another address than FAL's from FAL_URL.
 */
final class Story {
    private static final String MODEL = "flux/schnell";
    private static final String PROMPT = "a lighthouse in the fog";
    private static final String PARAMETERS =
            """
            {"image_size": {"width": 1280, "height": 1024}, "output_format": "png"}""";
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private Story() {}

    public static void main(String[] arguments) {
        Path picture = Path.of(arguments.length > 0 ? arguments[0] : "picture.png");
        Path sealed = Path.of(arguments.length > 1 ? arguments[1] : "sealed-key.txt");
        try {
            tell(picture, sealed);
        } catch (Generatio.Failure failure) {
            System.err.println("error: " + failure.getMessage());
            if (failure.mayHaveBeenTaken) {
                System.err.println("FAL may have taken the request: look at your account before you try again.");
            }
            System.exit(1);
        } catch (IOException failure) {
            System.err.println("error: " + failure);
            System.exit(1);
        } catch (InterruptedException _) {
            System.exit(130);
        }
    }

    private static void tell(Path picture, Path sealed)
            throws Generatio.Failure, IOException, InterruptedException {
        try (Generatio.Handle key = unlocked(sealed);
                Generatio.Handle generation = Generatio.check(MODEL, PROMPT, PARAMETERS);
                Generatio.Handle fal = Generatio.fal(variable("FAL_URL"))) {
            System.out.println("price: $" + Generatio.quote(generation).toPlainString());
            long deadline = System.currentTimeMillis() + PATIENCE.toMillis();
            Generatio.Output output = Generatio.generate(fal, key, generation, deadline, Story::show);
            Generatio.Picture first = output.pictures().getFirst();
            save(first.url(), picture);
            System.out.printf("saved: %s (%dx%d)%n", picture, first.width(), first.height());
            System.out.println("cost: $" + output.cost().toPlainString());
        }
    }

    private static String variable(String name) {
        return System.getenv().getOrDefault(name, "");
    }

    private static Generatio.Handle unlocked(Path sealed) throws Generatio.Failure, IOException {
        String key = variable("FAL_KEY");
        String password = variable("GENERATIO_PASSWORD");
        if (!key.isEmpty()) {
            Files.writeString(sealed, Generatio.seal(key, password));
        }
        return Generatio.open(Files.readString(sealed).strip(), password);
    }

    private static void show(Generatio.Progress progress) {
        System.out.println(progress.state() + (progress.ahead() < 0 ? "" : ", " + progress.ahead() + " ahead"));
        progress.logs().forEach(line -> System.out.println("  " + line));
    }

    /** Fetches a picture. Its address is public: no key goes there. */
    private static void save(String url, Path picture) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofMinutes(1)).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200) {
                throw new IOException("the picture's address answered " + answer.statusCode());
            }
            Files.write(picture, answer.body());
        }
    }
}
