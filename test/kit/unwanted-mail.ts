import type { Letter } from "./ordinary-mail.ts";

const image =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** What nobody wants, by what it is; written for the tests. */
export const unwantedMail: readonly (Letter & { readonly kind: RegExp })[] = [
  {
    kind: /fortune/,
    subject: "Business proposal",
    text: "Dear friend,\nI am Barrister James Okoro, attorney to the late Mr. Adams, who died without a next of kin and left US$18,500,000.00 in a bank here. I seek your consent to present you as beneficiary so that the funds can be transferred to your account. You will get 40%. This is strictly confidential. Send your full name and phone number.",
  },
  {
    kind: /fortune/,
    subject: "Saudações",
    text: "Caro amigo,\nmeu nome é Maria Duarte, viúva, e sofro de câncer terminal. Herdei do meu falecido marido 12 milhões de dólares, que quero doar para caridade com a sua ajuda. Responda com o seu nome completo para a transferência. Deus o abençoe.",
  },
  {
    kind: /prize/,
    subject: "CONGRATULATIONS!!!",
    text: "Your e-mail address was selected as a lucky winner of the International Lottery. You have won 850,000 euros. To claim your prize contact our claims agent with your full name, address and occupation.",
  },
  {
    kind: /prize/,
    subject: "Você foi sorteado",
    html: "<p>Parabéns! Você ganhou um iPhone 16 no nosso sorteio. <a href='http://premios.example/r'>Clique aqui</a> para resgatar o seu prêmio, pague apenas a taxa de envio de R$ 9,90.</p>",
  },
  {
    kind: /prescription/,
    subject: "Meds online",
    text: "Buy Viagra, Cialis and Tramadol at the lowest prices. No prescription needed, discreet worldwide shipping. Order now: http://pills.example/",
  },
  {
    kind: /prescription/,
    subject: "Azulzinho",
    text: "Compre sildenafil e tadalafil sem receita, o melhor preço da internet! Comprimidos com entrega discreta em todo o Brasil. http://remedios.example",
  },
  {
    kind: /blackmail/,
    subject: "I know your password",
    text: "I have hacked your operating system and installed malware. I recorded you with your webcam while you visited adult sites. Send $900 in bitcoin to my wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa within 48 hours, or I will send the video to all your contacts.",
  },
  {
    kind: /blackmail/,
    subject: "Leia com atenção",
    text: "Eu invadi o seu computador e gravei um vídeo íntimo seu pela webcam. Pague 500 dólares em bitcoin na minha carteira bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq em 48 horas ou vou enviar o vídeo a todos os seus contatos e familiares.",
  },
  {
    kind: /somebody else's site/,
    subject: "Action required",
    html: "<p>Dear customer,</p><p>We noticed unusual activity in your PayPal account. Your account has been limited. Please <a href='http://paypal.security-check.example/login'>https://www.paypal.com/login</a> to verify your information within 24 hours, otherwise it will be suspended.</p>",
  },
  {
    kind: /somebody else's site/,
    subject: "Caixa de correio cheia",
    html: "<p>Prezado usuário,</p><p>A sua caixa de e-mail excedeu o limite de armazenamento e será bloqueada em 24 horas. <a href='http://webmail-update.example/'>Clique aqui</a> para confirmar a sua conta e a sua senha.</p>",
  },
  {
    kind: /pretends to be a document/,
    subject: "Overdue invoice 88123",
    text: "Please find attached the invoice. Payment is due today.",
    attachments: [{ filename: "Invoice_88123.pdf.exe", content: "MZ" }],
  },
  {
    kind: /pretends to be a document/,
    subject: "Boleto vencido",
    text: "Segue o boleto em anexo para pagamento imediato.",
    attachments: [{ filename: "boleto.js", content: "WScript.Echo(1)" }],
  },
  {
    kind: /counterfeit/,
    subject: "Luxury for less",
    text: "Swiss made replica watches: Rolex, Omega and Breitling, AAA quality, identical to the original. Up to 80% off, free worldwide shipping. Shop now at http://watches.example",
  },
  {
    kind: /loan/,
    subject: "Need cash?",
    text: "Do you need an urgent loan? Bad credit does not matter, no collateral, 3% interest rate, from $5,000 to $500,000, approved within 24 hours. Apply now by e-mail to loans@fast.example.",
  },
  {
    kind: /loan/,
    subject: "Dinheiro na conta hoje",
    text: "Empréstimo para negativados sem consulta ao SPC e Serasa! Até R$ 50.000 com juros de 1,9% e aprovação imediata. Chame no WhatsApp.",
  },
  {
    kind: /somebody unknown/,
    subject: "Hi there",
    text: "Hello dear, I saw your profile and I'm 27 years old, lonely and looking for a serious relationship. I want to meet you, write me and I will send you my private photos.",
  },
  {
    kind: /investment/,
    subject: "Bitcoin",
    text: "Double your bitcoin in 24 hours! Our trading bot makes guaranteed profits of 10% daily. Minimum deposit $200, limited spots. Join our Telegram group now.",
  },
  {
    kind: /investment/,
    subject: "Liberdade financeira",
    text: "Invista em criptomoedas sem risco: lucro garantido de 5% ao dia com o nosso robô trader. Vagas limitadas, cadastre-se já e mude de vida.",
  },
  {
    kind: /search engine/,
    subject: "Your website",
    text: "Hi, I came across your website and noticed errors that keep it from ranking on the first page of Google. We are an SEO agency with affordable packages and guaranteed results: more traffic and leads. Interested? I can send a quote.",
  },
  {
    kind: /disguised words/,
    subject: "V1agra and C1alis",
    text: "Best p.i.l.l.s for you: V1agra, C1al1s, L3vitra. http://x.example/",
  },
  {
    kind: /nothing but a picture/,
    subject: "Amazing offer!!!",
    html: `<a href="http://deals.example/now"><img src="cid:i"></a>`,
    attachments: [{ filename: "a.png", content: image, encoding: "base64", cid: "i" }],
  },
  {
    kind: /hidden text/,
    subject: "Cheap watches",
    html: `<p>Replica watches, buy now: <a href="http://w.example/">here</a></p><div style="display:none">${"garden river yesterday walking the dog through snow and meeting old friends again ".repeat(6)}</div>`,
  },
  {
    kind: /form for passwords/,
    subject: "Document shared with you",
    text: "Open the attached file to read it.",
    attachments: [
      {
        filename: "document.html",
        content: "<form action='http://x.example'><input name=u><input type=\"password\" name=p></form>",
      },
    ],
  },
  {
    kind: /gift card/,
    subject: "Quick favour",
    text: "Are you available? I'm in a meeting and can't talk. I need you to buy five Amazon gift cards of $100 each, scratch the back and send me the codes as soon as possible. I will reimburse you.",
  },
  {
    kind: /gambling/,
    subject: "Casino bonus",
    text: "Play slots and roulette at our casino: 200% welcome bonus and 100 free spins, no deposit. Win the jackpot, register now! http://c.example",
  },
  {
    kind: /lists of addresses/,
    subject: "Email database",
    text: "Buy our e-mail list of 5 million verified contacts for only $99.",
  },
  {
    kind: /parcel/,
    subject: "Your parcel is on hold",
    text: "Your package could not be delivered because a customs fee of 1.99 EUR has not been paid. Pay now to release it: http://parcel-fees.example/pay. If you do not pay within 24 hours, it will be returned.",
  },
  {
    kind: /parcel/,
    subject: "Encomenda retida",
    text: "A sua encomenda está retida na alfândega. Para a receber pague a taxa de 2,99 € em http://taxas.example/pagar nas próximas 24 horas.",
  },
  {
    kind: /parcel/,
    subject: "Ihr Paket",
    text: "Ihr Paket konnte nicht zugestellt werden. Bitte zahlen Sie die Zollgebühr von 2,99 EUR unter http://zoll-paket.example/",
  },
  {
    kind: /telephone/,
    subject: "Subscription renewed",
    text: "Your Norton antivirus subscription has been renewed for $399.99 and charged to your card. If you did not authorise this, call our support +1 800 555 0199 within 24 hours to cancel and get a refund.",
  },
  {
    kind: /software/,
    subject: "Cheap software",
    text: "Microsoft Office, Adobe Photoshop and Windows licences up to 90% off. Download immediately after payment. http://oem-soft.example/",
  },
  {
    kind: /prize/,
    subject: "Ha ganado un premio",
    text: "¡Felicidades! Ha sido seleccionado ganador de un iPhone. Haga clic aquí para reclamar su premio: http://premio.example/ y pague solo 1 euro de envío.",
  },
  {
    kind: /loan/,
    subject: "Kredit ohne Schufa",
    text: "Sofortkredit bis 50.000 Euro ohne Schufa, Auszahlung in 24 Stunden, garantiert. Jetzt beantragen: http://sofort-kredit.example/",
  },
  {
    kind: /nobody may ask/,
    subject: "Wire transfer",
    text: "Hi, I need you to process an urgent and confidential wire transfer to a new supplier today. Send me the balance of the account. I am in a meeting, do not call.",
  },
  {
    kind: /renewal/,
    subject: "Your domain expires",
    text: "Domain expiration notice: your domain one.test will expire in 24 hours. Renew now to avoid suspension of your website and e-mail: http://domain-renew.example/pay",
  },
  {
    kind: /passwords/,
    subject: "Pending documents",
    text: "You have received 3 secure documents via SharePoint. Sign in with your email and password to view them: http://documents.example/login",
  },
  {
    kind: /no work/,
    subject: "Work from home",
    text: "Earn 4,000 dollars per month from home! No experience needed, only 2 hours per day. You receive payments to your bank account and keep 10%. Reply with your CV.",
  },
  {
    kind: /search engine/,
    subject: "Rank #1",
    text: "Hi, I looked at your website and found many SEO errors. We offer affordable SEO packages that put you on page 1 of Google, 500 backlinks guaranteed. Reply for a free audit and our price list.",
  },
];
