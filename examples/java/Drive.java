import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Takes the steps of a call over java.net.http. Everything that touches the call happens in the caller's thread. */
final class Drive {
    private static final int SEND = 1;
    private static final int DONE = 4;
    private static final int COMPLETE = 0;
    private static final int NOT_SENT = 1;
    private static final int MAYBE_SENT = 2;
    private static final int TIMED_OUT = 3;
    private static final int CHUNK = 1 << 16;

    /** Follows no redirect: a request goes where the library says. */
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(20))
            .build();

    /** What an exchange brings. */
    private sealed interface Event {}

    private record Head(int status, Map<String, List<String>> headers) implements Event {}

    private record Chunk(byte[] bytes) implements Event {}

    private record End(int how) implements Event {}

    /** One exchange on its way, read by a thread of its own. */
    private record Exchange(long number, SynchronousQueue<Event> events, Thread reader) {
        static final Exchange NONE = new Exchange(0, new SynchronousQueue<>(), null);

        void stop() {
            if (reader != null) {
                reader.interrupt();
            }
        }
    }

    private Drive() {}

    /** Drives a call to its end. An interrupt ends it early; what FAL has goes on there. */
    static void run(MemorySegment call, Consumer<Generatio.Progress> tell)
            throws Generatio.Failure, InterruptedException {
        Exchange current = Exchange.NONE;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment step = arena.allocate(ValueLayout.JAVA_INT);
            while (true) {
                Generatio.C.check(Generatio.C.status("generatio_call_next", call, System.currentTimeMillis(), step));
                tellNews(call, tell);
                int wanted = step.get(ValueLayout.JAVA_INT, 0);
                if (wanted == DONE) {
                    MemorySegment error = Generatio.C.out(arena);
                    int status = Generatio.C.status("generatio_call_finish", call, error);
                    Generatio.C.check(status, Generatio.C.in(error));
                    return;
                }
                if (wanted == SEND || Generatio.C.number("generatio_call_exchange", call) != current.number()) {
                    current.stop();
                    current = wanted == SEND ? begin(call) : Exchange.NONE;
                }
                long left = Generatio.C.number("generatio_call_wait_until", call) - System.currentTimeMillis();
                Event event = current.events().poll(Math.max(0, left), TimeUnit.MILLISECONDS);
                if (event != null) {
                    feed(call, current.number(), event);
                }
            }
        } finally {
            current.stop();
        }
    }

    private static void tellNews(MemorySegment call, Consumer<Generatio.Progress> tell) throws Generatio.Failure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = Generatio.C.out(arena);
            while (true) {
                Generatio.C.check(Generatio.C.status("generatio_call_next_progress", call, out));
                MemorySegment news = Generatio.C.in(out);
                if (news.address() == 0) {
                    return;
                }
                tell.accept(Generatio.progress(news));
            }
        }
    }

    private static void feed(MemorySegment call, long number, Event event) {
        try (Arena arena = Arena.ofConfined()) {
            switch (event) {
                case Head head -> {
                    Generatio.C.status("generatio_call_head", call, number, (short) head.status());
                    head.headers().forEach((name, values) -> values.forEach(value -> {
                        MemorySegment n = Generatio.C.input(arena, name);
                        MemorySegment v = Generatio.C.input(arena, value);
                        Generatio.C.status("generatio_call_header", call, number, n, n.byteSize(), v, v.byteSize());
                    }));
                    Generatio.C.status("generatio_call_head_done", call, number);
                }
                case Chunk chunk -> {
                    MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, chunk.bytes());
                    Generatio.C.status("generatio_call_chunk", call, number, bytes, bytes.byteSize());
                }
                case End end -> Generatio.C.status("generatio_call_end", call, number, end.how());
            }
        }
    }

    /** Sends the request that a call wants sent. */
    private static Exchange begin(MemorySegment call) {
        HttpRequest request = request(Generatio.C.pointer("generatio_call_request", call));
        SynchronousQueue<Event> events = new SynchronousQueue<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                events.put(new End(exchange(request, events)));
            } catch (InterruptedException _) {
                // Nobody wants to know any more.
            }
        });
        return new Exchange(Generatio.C.number("generatio_call_exchange", call), events, reader);
    }

    private static HttpRequest request(MemorySegment wanted) {
        byte[] body = Generatio.C.bytes("generatio_request_body", wanted);
        long left = Generatio.C.number("generatio_request_deadline_ms", wanted) - System.currentTimeMillis();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(Generatio.C.text("generatio_request_url", wanted)))
                .timeout(Duration.ofMillis(Math.max(1, left)))
                .method(Generatio.C.text("generatio_request_method", wanted), body.length == 0
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofByteArray(body));
        long count = Generatio.C.number("generatio_request_header_count", wanted);
        for (long at = 0; at < count; at++) {
            request.setHeader(Generatio.C.text("generatio_request_header_name", wanted, at),
                    Generatio.C.text("generatio_request_header_value", wanted, at));
        }
        return request.build();
    }

    /** Makes the exchange, and gives back how it ended. */
    private static int exchange(HttpRequest request, SynchronousQueue<Event> events) throws InterruptedException {
        try {
            HttpResponse<InputStream> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                events.put(new Head(answer.statusCode(), answer.headers().map()));
                byte[] buffer = new byte[CHUNK];
                for (int got = body.read(buffer); got >= 0; got = body.read(buffer)) {
                    events.put(new Chunk(Arrays.copyOf(buffer, got)));
                }
            }
            return COMPLETE;
        } catch (ConnectException _) {
            return NOT_SENT;
        } catch (HttpTimeoutException timeout) {
            return timeout instanceof HttpConnectTimeoutException ? NOT_SENT : TIMED_OUT;
        } catch (IOException _) {
            return MAYBE_SENT;
        }
    }
}
