// libcurl as a generatio::Transport.

#ifndef CURL_HPP
#define CURL_HPP

#include <curl/curl.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "generatio.hpp"

namespace example {

using Easy = generatio::Handle<CURL, curl_easy_cleanup>;

inline std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Header lines for libcurl, overwritten before they are freed: one holds the key.
class Headers {
 public:
  explicit Headers(const generatio_request *request) {
    for (std::size_t at = 0; at < generatio_request_header_count(request); ++at) {
      std::string line{generatio::text(generatio_request_header_name(request, at))};
      line.append(": ").append(generatio::text(generatio_request_header_value(request, at)));
      curl_slist *longer = curl_slist_append(list_, line.c_str());
      wipe(line.data(), line.size());
      if (!longer) throw std::bad_alloc{};
      list_ = longer;
    }
  }
  Headers(const Headers &) = delete;
  Headers &operator=(const Headers &) = delete;
  ~Headers() {
    for (curl_slist *one = list_; one; one = one->next) wipe(one->data, std::char_traits<char>::length(one->data));
    curl_slist_free_all(list_);
  }
  curl_slist *get() const noexcept { return list_; }

 private:
  static void wipe(volatile char *text, std::size_t len) {
    while (len-- > 0) text[len] = 0;
  }
  curl_slist *list_ = nullptr;
};

// One exchange on its way.
class Courier {
 public:
  Courier(CURL *curl, generatio_call *call, std::uint64_t exchange) : curl_(curl), call_(call), exchange_(exchange) {}

  CURLcode perform() {
    set(CURLOPT_WRITEFUNCTION, &Courier::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &Courier::on_time);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    const CURLcode code = curl_easy_perform(curl_);
    if (code == CURLE_OK) feed_head();
    return code;
  }

  template <typename T>
  void set(CURLoption option, T value) {
    if (curl_easy_setopt(curl_, option, value) != CURLE_OK) throw std::runtime_error{"libcurl lacks an option"};
  }

 private:
  bool is_wanted() const { return generatio_call_wants(call_, exchange_); }

  // libcurl has the whole head by the time it tells of a body, or is done.
  void feed_head() {
    if (head_is_fed_) return;
    head_is_fed_ = true;
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    generatio_call_head(call_, exchange_, static_cast<std::uint16_t>(status));
    for (curl_header *header = nullptr; (header = curl_easy_nextheader(curl_, CURLH_HEADER, -1, header)) != nullptr;) {
      const std::string_view name{header->name}, value{header->value};
      generatio_call_header(call_, exchange_, name.data(), name.size(), value.data(), value.size());
    }
    generatio_call_head_done(call_, exchange_);
  }

  static std::size_t on_body(char *data, std::size_t size, std::size_t count, void *context) {
    auto &self = *static_cast<Courier *>(context);
    self.feed_head();
    generatio_call_chunk(self.call_, self.exchange_, reinterpret_cast<const std::uint8_t *>(data), size * count);
    return self.is_wanted() ? size * count : CURL_WRITEFUNC_ERROR;
  }

  // libcurl calls this about every second while nothing arrives, too.
  static int on_time(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Courier *>(context)->is_wanted() ? 0 : 1;
  }

  CURL *curl_;
  generatio_call *call_;
  std::uint64_t exchange_;
  bool head_is_fed_ = false;
};

inline generatio_exchange_end ended(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return GENERATIO_EXCHANGE_END_COMPLETE;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PEER_FAILED_VERIFICATION:
      return GENERATIO_EXCHANGE_END_NOT_SENT;
    case CURLE_OPERATION_TIMEDOUT:
      return GENERATIO_EXCHANGE_END_TIMED_OUT;
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
      return GENERATIO_EXCHANGE_END_CUT_OFF;
    default:
      return GENERATIO_EXCHANGE_END_MAYBE_SENT;
  }
}

class CurlTransport final : public generatio::Transport {
 public:
  generatio_exchange_end exchange(generatio_call *call, std::uint64_t number,
                                  const generatio_request *request) override {
    const Easy curl{curl_easy_init()};
    const std::int64_t left = generatio_request_deadline_ms(request) - now_ms();
    if (!curl || left <= 0) return GENERATIO_EXCHANGE_END_NOT_SENT;
    const Headers headers{request};
    const auto body = generatio_request_body(request);
    Courier courier{curl.get(), call, number};
    courier.set(CURLOPT_URL, generatio_request_url(request).data);
    courier.set(CURLOPT_CUSTOMREQUEST, generatio_request_method(request).data);
    courier.set(CURLOPT_PROTOCOLS_STR, "http,https");
    if (body.len > 0) {
      courier.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.len));
      courier.set(CURLOPT_POSTFIELDS, body.data);
    }
    courier.set(CURLOPT_HTTPHEADER, headers.get());
    courier.set(CURLOPT_TIMEOUT_MS, static_cast<long>(left));
    courier.set(CURLOPT_NOSIGNAL, 1L);
    return ended(courier.perform());
  }
};

// A picture's address is public: no key goes there.
inline void download(const std::string &url, const std::string &path) {
  constexpr curl_off_t max_picture = curl_off_t{64} << 20;
  const Easy curl{curl_easy_init()};
  std::ofstream file{path, std::ios::binary};
  if (!curl || !file) throw std::runtime_error{path + " cannot be written"};
  const auto write = +[](char *data, std::size_t size, std::size_t count, void *context) -> std::size_t {
    auto &out = *static_cast<std::ofstream *>(context);
    out.write(data, static_cast<std::streamsize>(size * count));
    return out ? size * count : CURL_WRITEFUNC_ERROR;
  };
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXFILESIZE_LARGE, max_picture);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, write);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &file);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) throw std::runtime_error{std::string{"the picture cannot be fetched: "} + curl_easy_strerror(code)};
  file.close();
  if (!file) throw std::runtime_error{path + " cannot be written"};
}

}  // namespace example

#endif
