# A thin front for scripts/, for those whose fingers know make.
.PHONY: demo test bench check format

demo:
	@scripts/demo

test:
	@scripts/test

check:
	@scripts/check

format:
	@scripts/format

# make bench NAME=local-up; without NAME, every benchmark.
bench:
	@scripts/bench $(NAME)
