#ifndef FLOWENGINE_CCURL_SHIM_H
#define FLOWENGINE_CCURL_SHIM_H

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// libcurl's set and get functions are variadic, which Swift cannot call: one typed wrapper for each kind of argument.
// Each returns libcurl's own code.

typedef size_t (*ccurl_data_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_off(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

/// A null `value` resets the option. libcurl copies the string (but for CURLOPT_POSTFIELDS, which is not set with this).
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

/// The list must outlive the transfer.
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

/// The bytes are copied. A zero `length` resets the option.
static inline CURLcode ccurl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t length) {
    struct curl_blob blob;
    if (length == 0) {
        return curl_easy_setopt(easy, option, NULL);
    }
    blob.data = (void *)bytes;
    blob.len = length;
    blob.flags = CURL_BLOB_COPY;
    return curl_easy_setopt(easy, option, &blob);
}

/// The bytes are copied.
static inline CURLcode ccurl_set_body(CURL *easy, const void *bytes, size_t length) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    if (code != CURLE_OK) {
        return code;
    }
    return curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, length == 0 ? "" : (const char *)bytes);
}

/// Gives back the memory of a body set before.
static inline CURLcode ccurl_clear_body(CURL *easy) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
    if (code != CURLE_OK) {
        return code;
    }
    return curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-1);
}

static inline CURLcode ccurl_set_data_callback(CURL *easy, CURLoption option, ccurl_data_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

/// Sets TCP_USER_TIMEOUT on each socket that libcurl opens for the transfer; `context` is the time in milliseconds.
/// Data that a peer does not acknowledge within it resets the connection, which no timeout of libcurl's would notice on
/// a connection that is being reused.
static inline int ccurl_socket_options(void *context, curl_socket_t socket, curlsocktype purpose) {
    unsigned int milliseconds = (unsigned int)(size_t)context;
    if (purpose == CURLSOCKTYPE_IPCXN && milliseconds > 0) {
        // Fails on a socket that is not TCP, which does not matter.
        (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof(milliseconds));
    }
    return CURL_SOCKOPT_OK;
}

static inline CURLcode ccurl_set_tcp_user_timeout(CURL *easy, unsigned int milliseconds) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, (void *)(size_t)milliseconds);
    if (code != CURLE_OK) {
        return code;
    }
    return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, ccurl_socket_options);
}

static inline CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode ccurl_get_off(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode ccurl_get_pointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}

/// The string belongs to the handle.
static inline CURLcode ccurl_get_string(CURL *easy, CURLINFO info, const char **value) {
    return curl_easy_getinfo(easy, info, (char **)value);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The next finished transfer, and its code; null when there is none.
static inline CURL *ccurl_multi_next_done(CURLM *multi, CURLcode *code) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

static inline size_t ccurl_pause_token(void) {
    return CURL_WRITEFUNC_PAUSE;
}

static inline long ccurl_http_version_2tls(void) {
    return CURL_HTTP_VERSION_2TLS;
}

static inline long ccurl_http_version_1_1(void) {
    return CURL_HTTP_VERSION_1_1;
}

static inline long ccurl_tls_1_2(void) {
    return CURL_SSLVERSION_TLSv1_2;
}

static inline CURLcode ccurl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

// Calls of Linux that Swift's Glibc module leaves out.

/// Names the calling thread for debuggers; Linux keeps 15 bytes.
static inline void ccurl_name_thread(const char *name) {
    (void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// A pipe whose ends no other child process inherits.
static inline int ccurl_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

// As glibc declares it when _GNU_SOURCE is set.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/// Closes all descriptors from that number on in a child that is to be spawned.
static inline int ccurl_spawn_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

#endif
