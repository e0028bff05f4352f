import type { SendMailOptions } from "nodemailer";

/** A message without its sender and recipient. */
export type Letter = Omit<SendMailOptions, "from" | "to" | "envelope"> & { readonly subject: string };

/** A few words each, as people write them to each other. */
const short: Letter[] = [
  { subject: "Já está", html: "<div>Já está</div>" },
  { subject: "Olá 👍", text: "Olá 👍" },
  { subject: "ok", text: "ok" },
  { subject: "Não", text: "Não." },
  { subject: "Até já", html: '<div dir="ltr">Até já!<br></div>', text: "Até já!" },
  { subject: "Almoço?", text: "Almoço às 13h? Ou já comeste?" },
  { subject: "Thanks!", text: "Thanks, see you at 5." },
  { subject: "Mañana", text: "¿Nos vemos mañana? Sí, señor." },
  { subject: "Ça va ?", text: "Ça va très bien, à tout à l’heure !" },
  { subject: "Grüße", text: "Schöne Grüße aus Köln, bis Montag früh." },
  { subject: "Привет", text: "Привет! Встреча в 15:00, офис Google на Тверской." },
  { subject: "iPhone'ом", text: "Снял iPhone'ом, отправил через Gmail. OK?" },
  { subject: "Καλημέρα", text: "Καλημέρα, το PDF είναι έτοιμο." },
  { subject: "μm", text: "The layer is 5 μm thick, α-helix and β-sheet, Σ-algebra." },
  { subject: "会議", text: "明日の会議はZoomで10時からです。よろしくお願いします。" },
  { subject: "了解です", text: "了解です👍" },
  { subject: "您好", text: "您好，PDF文件已收到。谢谢！" },
  { subject: "안녕하세요", text: "안녕하세요, PPT 파일 보냅니다." },
  { subject: "مرحبا", text: "مرحبا، الاجتماع الساعة 10:30 في قاعة B2." },
  { subject: "שלום", text: "שלום, נתראה ב-10:00 ב-Zoom." },
  { subject: "नमस्ते", text: "नमस्ते, बैठक 11 बजे है। OK?" },
  { subject: "สวัสดี", text: "สวัสดีครับ ประชุม 10.00 น." },
  { subject: "Zażółć", text: "Zażółć gęślą jaźń — dzięki!" },
  { subject: "Merhaba", text: "Merhaba, görüşürüz. İyi günler, Şükrü." },
  { subject: "Chào", text: "Chào anh, hẹn gặp lại ở Hà Nội nhé." },
  { subject: "👨‍👩‍👧‍👦", text: "👨‍👩‍👧‍👦 ❤️" },
  { subject: "Ана Lima", text: "Dear Anna Петрова, cc Иван Smith: ok" },
  { subject: "Re: 1/2 €", text: "½ ou ¾? São 3 €." },
  { subject: "SAP & IBM", text: "IBM SAP EDP BCP" },
  { subject: "URGENTE", text: "LIGA-ME" },
];

const calendar = [
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "PRODID:-//Example//Calendar//EN",
  "METHOD:REQUEST",
  "BEGIN:VEVENT",
  "UID:1@calendar.example",
  "DTSTAMP:20260105T090000Z",
  "DTSTART:20260112T100000Z",
  "DTEND:20260112T110000Z",
  "SUMMARY:Reunião de projeto",
  "END:VEVENT",
  "END:VCALENDAR",
  "",
].join("\r\n");

const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const picture = {
  filename: "logo.png",
  content: pixel,
  encoding: "base64",
  cid: "logo",
  contentType: "image/png",
};

/** What offices, shops, programs and lists send. */
const longer: Letter[] = [
  {
    subject: "HTML only, answers elsewhere",
    replyTo: "office@office.example",
    html: "<p>Please answer to the office.</p>",
  },
  {
    subject: "Boletim de janeiro: 20% de desconto na nova coleção",
    headers: {
      "List-Unsubscribe": "<https://shop.example/u/1>",
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      Precedence: "bulk",
    },
    html: `<div style="display:none;max-height:0">Novidades da semana e portes grátis a partir de 30 €</div>
      <h1>Novidades de janeiro</h1><p>Olá Ana, a nova coleção de bolsas e sapatos já chegou. Aproveite 20% de desconto até domingo.</p>
      <p><a href="https://click.mailer.example/c/123">www.shop.example</a></p><img src="https://shop.example/a.png" alt="saia azul">
      <p>Recebe este e-mail porque se inscreveu. <a href="https://shop.example/u/1">Cancelar a subscrição</a></p>`,
  },
  {
    subject: "Our March newsletter: new features, a webinar and 15% off annual plans",
    headers: { "List-Id": "news <news.tool.example>", "List-Unsubscribe": "<mailto:u@tool.example>" },
    html: "<h2>What is new</h2><p>Dark mode is here. Join our free webinar on Thursday, register now: limited seats. Buy an annual plan and save 15%.</p><p><a href='https://tool.example/webinar'>Register</a></p>",
  },
  {
    subject: "[#48213] Ticket aberto: impressora do 2.º andar não imprime",
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
    text: "O seu pedido foi registado com o número 48213.\nEstado: aberto\nPrioridade: urgente\nResponda a este e-mail para acrescentar informação.\nhttps://helpdesk.example/t/48213",
  },
  {
    subject: "Reset your password",
    html: "<p style='font-size:14px;opacity:0.9'>Hello Ana, somebody asked us for another password for the account that you have at the workshop for tools.</p><p>We received a request to reset the password of your account. Click the button below to choose another; the link expires in 24 hours. If you did not ask for this, ignore this message.</p><p><a href='https://app.tool.example/reset/abc'>Reset password</a></p>",
  },
  {
    subject: "A sua palavra-passe expira em 5 dias",
    text: "Cara Ana,\na palavra-passe da sua conta de domínio expira em 5 dias. Altere-a com Ctrl+Alt+Del ou no portal https://portal.example/.\nEquipa de TI",
  },
  {
    subject: "Invitation: Reunião de projeto @ Mon 12 Jan",
    text: "Convite para a reunião.",
    icalEvent: { method: "REQUEST", content: calendar },
  },
  {
    subject: "Accepted: Reunião de projeto",
    text: "Ana accepted.",
    icalEvent: { method: "REPLY", content: calendar.replace("REQUEST", "REPLY") },
  },
  {
    subject: "Recibo n.º 2026/115 - 1.250,00 €",
    html: "<table><tr><td>Consultoria</td><td>1.250,00 €</td></tr><tr><td>IVA 23%</td><td>287,50 €</td></tr></table><p>Obrigado pelo pagamento. IBAN PT50 0000 0000 0000 0000 0000 0</p>",
    attachments: [
      { filename: "recibo-2026-115.pdf", content: "%PDF-1.4\n%%EOF\n", contentType: "application/pdf" },
    ],
  },
  {
    subject: "Fatura em atraso",
    text: "Bom dia,\na fatura FT 2026/88, de 12.500.000 kz, venceu no dia 3. Pedimos o pagamento urgente por transferência bancária até sexta-feira, dentro de 48 horas se possível.\nOs dados bancários estão na fatura em anexo.",
    attachments: [{ filename: "FT 2026-88.pdf", content: "%PDF-1.4\n%%EOF\n" }],
  },
  {
    subject: "Your order 553-991 has shipped",
    html: "<p>Hello Ana, your parcel was handed to the carrier. Track it: <a href='https://track.carrier.example/?n=JD01'>https://track.carrier.example/?n=JD01</a></p><p>Total paid: $48.90, free shipping.</p>",
  },
  {
    subject: "Re: [dev] Patch for the parser",
    headers: {
      "List-Id": "<dev.lists.example>",
      "List-Post": "<mailto:dev@lists.example>",
      "List-Unsubscribe": "<mailto:dev-leave@lists.example>",
      Precedence: "list",
    },
    inReplyTo: "<1@lists.example>",
    references: "<1@lists.example>",
    text: "On Monday, Rui wrote:\n> Does it free() the buffer?\n> 0xDEADBEEF is not 0xdeadbeef in s3.c\n\nYes, see patch 2/3. Tests pass on x86_64.\n-- \nAna",
  },
  {
    subject: "Fwd: You won!!! Claim your prize",
    text: "Is this a fraud? I did not click.\n\n---------- Forwarded message ---------\nFrom: Lottery <x@lottery.example>\nSubject: You won!!!\n\nCongratulations! Your email address has won $2,500,000.00 in the lottery. To claim your prize send your full name, phone number and bank details.\n",
  },
  {
    subject: "Enc: contrato",
    text: "Segue o contrato.\r\n\r\n-----Mensagem original-----\r\nDe: Rui\r\nPara: Ana\r\nAssunto: contrato\r\n\r\nOlá, aguardo o contrato assinado. Obrigado.",
  },
  {
    subject: "Herança do Sr. Manuel",
    text: "Exma. Senhora,\ncomo advogado da família informo que a herança do falecido inclui a casa, avaliada em 350.000,00 €, e uma conta bancária. A transferência para os herdeiros depende da habilitação. Estes dados são confidenciais.\nCom os melhores cumprimentos",
  },
  {
    subject: "Vencedor do sorteio do jantar de Natal",
    text: "Parabéns ao Rui, que foi o vencedor do sorteio! O prémio, um vale de 50 €, pode ser levantado na receção.",
  },
  {
    subject: "Budget 2026: USD 2.5 million",
    text: "Dear partners,\nthe board approved the budget of USD 2.5 million. Our attorney will send the confidential agreement; the wire transfer follows in March, 30% first.\nRegards",
  },
  {
    subject: "Consulta de terça-feira",
    text: "Sexta-feira não posso. Receita: sildenafil 50 mg, um comprimido; levante na farmácia. Qualquer dúvida sobre a disfunção erétil, ligue.",
  },
  {
    subject: "How to recognise sextortion",
    text: "Security awareness: criminals claim that they hacked your webcam and recorded a video on adult sites. They want bitcoin within 48 hours and threaten to send it to your contacts. Do not pay; report it to the help desk.",
  },
  {
    subject: "Loan offer no. 4471",
    text: "Dear Mr Costa,\nyour application for a loan of 200,000 EUR is approved at an interest rate of 3.1 %. Please sign the contract attached and call us with questions.\nYour bank",
    attachments: [{ filename: "contract.pdf", content: "%PDF-1.4\n%%EOF\n" }],
  },
  {
    subject: "SEO report for February",
    text: "Hi Ana,\nhere is the monthly report for your website: 12 % more traffic, three keywords on the first page of Google, five new backlinks. Next month we work on page speed.",
  },
  {
    subject: "Market letter: Bitcoin falls, gold rises",
    text: "Bitcoin lost 5% this week. Returns on bonds stay low; we keep our investment plan. Past profits do not guarantee future ones. Read more at https://bank.example/letter.",
  },
  {
    subject: "Photos of the beach",
    text: "We had a great date night by the sea, here are the pictures. Let's meet and chat on Friday!",
    attachments: [picture],
  },
  { subject: "Foto", html: '<img src="cid:logo">', attachments: [picture] },
  {
    subject: "Re: Orçamento",
    html: '<p>Ok, obrigada!</p><p>Ana Lima<br>Vendas</p><a href="https://www.linkedin.com/company/x"><img src="cid:logo"></a>',
    attachments: [picture],
  },
  {
    subject: "Relatório e folhas de cálculo",
    text: "Em anexo.",
    attachments: [
      { filename: "relatório final (versão 2).docx", content: "PK" },
      { filename: "dados.csv", content: "a;b\n1;2\n" },
      { filename: "notas.txt", content: "x" },
    ],
  },
  {
    subject: "patch",
    text: "The patch with the fix.",
    attachments: [{ filename: "fix.patch", content: "--- a\n+++ b\n" }],
  },
  {
    subject:
      "A very long subject about the minutes of the meeting of the board of the association of the owners of the building in Rua da Prata, number 15, with the list of those present and of those who were represented by others",
    text: "Minutes attached.",
    attachments: [{ filename: "minutes.pdf", content: "%PDF-1.4\n%%EOF\n" }],
  },
  {
    subject:
      "Convocatória: assembleia geral ordinária da associação de moradores do bairro de São João, com a seguinte ordem de trabalhos 📅",
    text: "Ordem de trabalhos: 1. Contas. 2. Eleições. 3. Diversos.",
  },
  {
    subject: "ACME INDÚSTRIAS REUNIDAS S.A. - PROPOSTA COMERCIAL",
    text: "SEGUE A PROPOSTA DA ACME S.A.\nVALIDADE: 30 DIAS.\nPREÇO: R$ 12.000,00",
  },
  {
    subject: "Saldos",
    text: "Bom dia, envio a lista de preços: relógio Omega usado, 1.200 €, com caixa. Entrega grátis em Lisboa.",
  },
  {
    subject: "Out of office: Re: Planning",
    headers: { "Auto-Submitted": "auto-replied", "X-Autoreply": "yes", Precedence: "bulk" },
    text: "I am away until Monday. In urgent cases call the office.",
  },
  {
    subject: "Alerta: disco a 91% em srv-02",
    headers: { "Auto-Submitted": "auto-generated" },
    text: "CRITICAL srv-02 /var 91% used; 10.0.0.2; load 4.1. http://10.0.0.9/nagios/",
  },
  {
    subject: "Undelivered Mail Returned to Sender",
    headers: { "Auto-Submitted": "auto-replied" },
    text: "I'm sorry to have to inform you that your message could not be delivered to one or more recipients.\n\n<x@far.example>: host mx.far.example said: 550 5.1.1 unknown user",
  },
  {
    subject: "Job application",
    text: "Dear Sir or Madam,\nmy name is Rui Costa, I am 29 years old and I have experience in sales. I would like to apply for the part-time job from home. My full name, address and telephone number are in the CV.",
    attachments: [{ filename: "CV Rui Costa.pdf", content: "%PDF-1.4\n%%EOF\n" }],
  },
  { subject: "2FA code", text: "Your verification code is 481 516. It expires in 10 minutes." },
  {
    subject: "Team lunch: I won the bet!!!",
    text: "Congratulations to me!!! Pay up: you owe me 10 $. Free beer today only ;-)",
  },
  {
    subject: "Parcel at the post office",
    text: "Hi, the courier left a note: our parcel is waiting at the post office. Pay the fee of 2.50 EUR there, please. https://maps.example/post",
  },
  {
    subject: "Zoll",
    text: "Guten Tag, das Paket liegt beim Zoll. Wir müssen 19 % Einfuhrumsatzsteuer zahlen, 84,20 Euro. Unterlagen anbei. http://zoll.example/",
  },
  {
    subject: "Confidencial",
    text: "Segue o contrato, que é confidencial. A transferência será feita hoje. Não posso atender agora, ligo às 15h.",
  },
  {
    subject: "Supplier payment",
    text: "Hi Ana, please transfer 3,400 EUR to the new supplier today; the invoice is attached. I am in a meeting until 4, call me after.",
  },
  {
    subject: "Domain renewal",
    text: "Your domain one.example expires in 30 days. Renew it in our portal to avoid an interruption of your service: https://portal.registrar.example/",
  },
  {
    subject: "Norton",
    text: "I cancelled the Norton subscription and got a refund of 59.99. If you need the receipt, call me on 21 555 0134.",
  },
  {
    subject: "Software sale",
    text: "Did you see? The drawing software is 50% off this week, download it before Friday: http://drawing.example/",
  },
  {
    subject: "Préstamo",
    text: "Hola, el banco ha aprobado el préstamo de 15.000 euros al 4 %. Firmamos el lunes.",
  },
  {
    subject: "Doação para a escola",
    text: "Caro amigo,\na nossa escola pede ajuda: com 20 euros oferece livros a uma criança. Pode doar por transferência para o IBAN em https://escola.example/doar. Obrigado pela confiança.",
  },
];

/** Ordinary mail, written for the tests: nothing of it is unwanted, by whomever it is sent. */
export const ordinaryMail: readonly Letter[] = [...short, ...longer];
