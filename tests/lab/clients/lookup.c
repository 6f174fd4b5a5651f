/* What a C library makes of names: `lookup NAME...` prints a line each, the addresses
 * sorted as they came, or the error's number. Built with musl-gcc for musl's resolver,
 * which asks A and AAAA at once, takes no EDNS and follows no truncation before 1.2.4. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

	for (int i = 1; i < argc; i++) {
		struct addrinfo *found = NULL;
		int error = getaddrinfo(argv[i], NULL, &hints, &found);

		printf("%s", argv[i]);
		if (error)
			printf(" %s", error == EAI_NONAME ? "noname" :
			       error == EAI_AGAIN ? "again" : "error");
		for (struct addrinfo *at = found; at; at = at->ai_next) {
			char text[INET6_ADDRSTRLEN];
			const void *address = at->ai_family == AF_INET6 ?
				(void *)&((struct sockaddr_in6 *)at->ai_addr)->sin6_addr :
				(void *)&((struct sockaddr_in *)at->ai_addr)->sin_addr;

			printf(" %s", inet_ntop(at->ai_family, address, text, sizeof text));
		}
		printf("\n");
		if (found)
			freeaddrinfo(found);
	}
	return 0;
}
